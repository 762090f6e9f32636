" Indentation of StreaMon programs (*.smon), as smcc fmt has it: by open brackets.

if exists("b:did_indent")
  finish
endif
let b:did_indent = 1

setlocal indentexpr=SmonIndent(v:lnum)
setlocal indentkeys=0{,0},0),0],!^F,o,O,=where,=for,=match,=and,=or
setlocal nosmartindent

let b:undo_indent = "setlocal indentexpr< indentkeys< smartindent<"

if exists("*SmonIndent")
  finish
endif

" Code of a line: without its texts and comment.
function! s:code(lnum)
  return substitute(substitute(getline(a:lnum), '"\%(\\.\|[^"\\]\)*"', '""', 'g'), '\%(#\|//\).*$', '', '')
endfunction

function! s:count(text, pattern)
  return len(split(a:text, a:pattern, 1)) - 1
endfunction

" Whether a line goes on with the declaration or the condition above it.
function! s:continues(lnum)
  return s:code(a:lnum) =~# '^\s*\%(where\|for\|match\|and\|or\)\>'
endfunction

function! SmonIndent(lnum)
  let prev = prevnonblank(a:lnum - 1)
  if prev == 0
    return 0
  endif
  " The line that the one above goes on with, and what is open since.
  let open = 0
  while 1
    let line = s:code(prev)
    let first = !s:continues(prev) || prev == 1
    " Brackets that a line closes at its begin count for that line itself.
    let begin = first ? matchstr(line, '^[ \t})\]]*') : ''
    let rest = line[len(begin):]
    let open += s:count(rest, '[{(\[]') - s:count(rest, '[})\]]')
    if first
      break
    endif
    let prev = prevnonblank(prev - 1)
  endwhile
  let close = s:count(matchstr(s:code(a:lnum), '^[ \t})\]]*'), '[})\]]')
  let more = s:continues(a:lnum) ? 1 : 0
  return max([0, indent(prev) + shiftwidth() * (open - close + more)])
endfunction
