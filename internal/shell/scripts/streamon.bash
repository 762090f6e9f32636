# Completion of smcc and smprobe in bash: source it, or put it under the name of each
# command into a directory that bash-completion reads. The commands themselves know
# how a line goes on; where they know nothing, bash completes names of files.

_streamon() {
	local word
	COMPREPLY=()
	while IFS= read -r word; do
		COMPREPLY+=("${word// /\\ }")
		# The line goes on without a space after a directory and a name with =.
		case $word in */ | *=) compopt -o nospace ;; esac
	done < <(COMP_LINE=$COMP_LINE COMP_POINT=$COMP_POINT "${1/#\~/$HOME}" 2>/dev/null)
}

complete -o default -F _streamon smcc smprobe
