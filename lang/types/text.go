package types

import (
	"strconv"
	"strings"
	"time"
)

// MaxProgramBytes bounds the text of a program; lists have files of their own.
const MaxProgramBytes = 4 << 20

// IsName reports whether a text can be a name in a program: ASCII letters, digits and _,
// not beginning with a digit. It may still be a word of the language.
func IsName(text string) bool {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
	return text != "" && strings.Trim(text, letters+"0123456789") == "" && strings.Contains(letters, text[:1])
}

// DurationText returns d in the units of the language: 1h30m, 500ms.
func DurationText(d time.Duration) string {
	if d < 0 {
		return "-" + DurationText(-d)
	}
	text := ""
	for _, u := range []struct {
		size time.Duration
		name string
	}{
		{24 * time.Hour, "d"}, {time.Hour, "h"}, {time.Minute, "m"}, {time.Second, "s"},
		{time.Millisecond, "ms"}, {time.Microsecond, "us"}, {1, "ns"},
	} {
		// 90m stays 90m: a larger unit is used if it is whole, or goes on.
		if n := d / u.size; n > 0 && (d%u.size == 0 || u.size < time.Minute || text != "") {
			text += strconv.FormatInt(int64(n), 10) + u.name
			d %= u.size
		}
	}
	if text == "" {
		return "0s"
	}
	return text
}
