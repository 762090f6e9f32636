#compdef smcc smprobe
# Completion of smcc and smprobe in zsh: put it as _streamon into a directory of $fpath,
# or source it after compinit. The commands themselves know how a line goes on; where
# they know nothing, zsh completes names of files.

_streamon() {
	local line="${(j: :)words[1,CURRENT-1]} $PREFIX" word command=${(Q)words[1]/#\~/$HOME}
	local -a open closed
	for word in ${(f)"$(COMP_LINE=$line COMP_POINT=${#line} $command 2>/dev/null)"}; do
		case $word in
		*/ | *=) open+=($word) ;; # the line goes on without a space
		*) closed+=($word) ;;
		esac
	done
	compset -P '--[a-z-]#='
	if ((! $#open && ! $#closed)); then
		_files
		return
	fi
	compadd -S '' -a open
	compadd -a closed
}

if [[ $funcstack[1] == _streamon ]]; then
	_streamon "$@"
else
	compdef _streamon smcc smprobe
fi
