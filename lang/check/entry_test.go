package check

import (
	"testing"

	"github.com/streamon/streamon/lang/types"
	"github.com/streamon/streamon/runtime/list"
)

func TestEntryKind(t *testing.T) {
	for entry, want := range map[string]types.Type{
		"53": types.Int, "0x1f90": types.Int, "-1": types.Int, "20..25": types.Int, "0x": types.String, "1_000": types.String,
		"99999999999999999999": types.Invalid, "25..20": types.Invalid, "a..b": types.Invalid,
		"192.0.2.1": types.Net, "2001:db8::1": types.Net, "192.0.2.0/24": types.Net, "192.0.2.1/24": types.Invalid, "192.0.2.0/40": types.Invalid,
		"192.0.2.5..192.0.2.9": types.Net, "192.0.2.9..192.0.2.5": types.Invalid, "192.0.2.5..::1": types.Invalid, "fe80::1%eth0": types.Invalid,
		"02:00:5e:10:00:01": types.MAC, "02-00-5e-10-00-01": types.MAC, "02-00:5e-10-00-01": types.Invalid, "02:00:5e:10:00:0g": types.Invalid,
		"example.com": types.String, ".example.com": types.String, "*.example.com": types.String, "example.com.": types.String,
		"a..com": types.Invalid, "10.0.0.300": types.Invalid, "two words": types.Invalid, "*": types.Invalid, "a,b": types.Invalid,
	} {
		got, reason := entryKind(entry)
		if got != want || (reason == "") != (want != types.Invalid) {
			t.Errorf("entryKind(%q) = %v, %q, want %v", entry, got, reason, want)
		}
	}
}

// FuzzEntryKind compares the syntax with that of the runtime, which reads the
// file in the end.
func FuzzEntryKind(f *testing.F) {
	for _, s := range []string{"53", "20..25", "192.0.2.0/24", "::1..::2", "02:00:5e:10:00:01", "*.example.com", "0x10", "-0x1", "10.0.0.300"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, c := range []byte(s) {
			if c < ' ' || c == '#' || c > '~' {
				return
			}
		}
		if len(s) == 0 || s[0] == ' ' || s[len(s)-1] == ' ' {
			return
		}
		kind, reason := entryKind(s)
		_, err := list.Parse([]byte(s))
		if (err == nil) != (kind != types.Invalid) {
			t.Errorf("entryKind(%q) = %v, %q, but list.Parse = %v", s, kind, reason, err)
		}
	})
}
