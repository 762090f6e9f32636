# Completion of smcc and smprobe in fish: put it under the name of each command into
# a directory of $fish_complete_path, or source it. The commands themselves know how
# a line goes on; where they know nothing, fish completes names of files.

function __streamon_complete
    set -l line (commandline -cp)
    set -l command (commandline -po)[1]
    set -l words (env COMP_LINE="$line" COMP_POINT=(string length -- "$line") $command 2>/dev/null)
    if test (count $words) -eq 0
        __fish_complete_path (commandline -ct)
        return
    end
    # After --flag= fish wants the whole word.
    set -l flag (string match -r -- '^--[a-z-]+=' (commandline -ct))
    printf '%s\n' "$flag"$words
end

complete -c smcc -f -a '(__streamon_complete)'
complete -c smprobe -f -a '(__streamon_complete)'
