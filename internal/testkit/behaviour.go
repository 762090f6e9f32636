package testkit

import (
	"fmt"
	"testing"

	"github.com/streamon/streamon/runtime/program"
)

// Behaviour runs every behaviour file that matches pattern: a txtar with a
// program.smon, a script for RunScript and the files that its lists name. compile
// turns the program into something that runs; read answers for the other files.
func Behaviour(t *testing.T, pattern string, compile func(t *testing.T, src []byte, read func(name string) ([]byte, error)) *program.Info) {
	Archives(t, pattern, func(t *testing.T, a *Archive) {
		info := compile(t, a.Need("program.smon"), func(name string) ([]byte, error) {
			if data, ok := a.File(name); ok {
				return data, nil
			}
			return nil, fmt.Errorf("no section %s", name)
		})
		if info == nil {
			return
		}
		for _, size := range []int{1, 256} {
			RunScript(t, info, string(a.Need("script")), size)
		}
	})
}
