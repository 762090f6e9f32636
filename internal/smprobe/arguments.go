package smprobe

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/alecthomas/kong"
)

// What of the command line is read otherwise than package kong does.

// spread lets one -r or -p of run be followed by several files: it repeats the
// flag before each.
func spread(args []string) []string {
	if len(args) == 0 || args[0] != "run" {
		return args
	}
	var out []string
	flag, n := "", 0 // the flag whose files are being read, and how many there were
	for i, a := range args {
		switch {
		case a == "--":
			return append(out, args[i:]...)
		case a == "-r" || a == "--read" || a == "-p" || a == "--program":
			flag, n = a, 0
		case len(a) > 1 && a[0] == '-':
			flag = ""
		case flag != "":
			if n++; n > 1 {
				out = append(out, flag)
			}
		}
		out = append(out, a)
	}
	return out
}

// negative joins a number below 0 to the flag that it is given to: package kong takes
// -1 for a flag, and says of that what helps nobody.
func negative(args []string) []string {
	var out []string
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return append(out, args[i:]...)
		}
		if i+1 < len(args) && strings.HasPrefix(a, "--") && !strings.Contains(a, "=") {
			if next := args[i+1]; len(next) > 1 && next[0] == '-' && next[1] >= '0' && next[1] <= '9' {
				a += "=" + next
				i++
			}
		}
		out = append(out, a)
	}
	return out
}

// wholeNumber reads the value of a flag that is an int or a uint64.
func wholeNumber(ctx *kong.DecodeContext, target reflect.Value) error {
	var text string
	if err := ctx.Scan.PopValueInto("number", &text); err != nil {
		return err
	}
	var err error
	if target.Kind() == reflect.Uint64 {
		var n uint64
		n, err = strconv.ParseUint(text, 10, 64)
		target.SetUint(n)
	} else {
		var n int64
		n, err = strconv.ParseInt(text, 10, target.Type().Bits())
		target.SetInt(n)
	}
	switch {
	case errors.Is(err, strconv.ErrRange) && text[0] == '-':
		return fmt.Errorf("%s: is too small", text)
	case errors.Is(err, strconv.ErrRange):
		return fmt.Errorf("%s: is too large", text)
	case err != nil && target.Kind() == reflect.Uint64:
		return fmt.Errorf("%q: expected a whole number, 0 or more", text)
	case err != nil:
		return fmt.Errorf("%q: expected a whole number", text)
	}
	return nil
}

// mayBeEmpty are the flags whose empty text means something: a filter that takes everything.
var mayBeEmpty = []string{"filter"}

// refuseEmpty refuses an empty text, of the command line and of the configuration file. It mostly comes
// of a variable that is not set, and what would be done then is not what was meant: to stay root, to lift
// the blocks of all.
func refuseEmpty(cmd *kong.Context) error {
	for _, p := range cmd.Path {
		switch {
		case p.Flag != nil && !slices.Contains(mayBeEmpty, p.Flag.Name) && hasEmpty(p.Flag.Target):
			return fmt.Errorf("--%s: its value is empty", p.Flag.Name)
		case p.Positional != nil && hasEmpty(p.Positional.Target):
			return fmt.Errorf("%s: is empty", p.Positional.Name)
		}
	}
	return nil
}

// hasEmpty reports whether a value is an empty text, or has one among its texts.
func hasEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return v.Len() == 0
	case reflect.Slice:
		list, _ := v.Interface().([]string)
		return slices.Contains(list, "")
	}
	return false
}
