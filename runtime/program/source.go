package program

import "runtime"

// SourceFile returns the file name of this source as the compiler recorded it.
// It tells how the running binary was built: an import path when it was built
// with -trimpath, with @version when from a module download, else the
// directory. A plugin must be built so that it records the same.
func SourceFile() string {
	_, file, _, _ := runtime.Caller(0)
	return file
}
