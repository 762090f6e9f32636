" Vim syntax file of StreaMon programs (*.smon)
" The lists of words are made from the compiler's own tables: go test ./editor -update

if exists("b:current_syntax")
  finish
endif

syn case match

" Declarations, parts of them, handlers, actions.
syn keyword smonDeclaration {{words .Declaration}}
syn keyword smonStatement {{words .Statement}}
syn keyword smonAction {{words .Action}}
syn match smonOperator /\<\%({{vim .Operator}}\)\>/

" What the compiler knows by name.
syn keyword smonStructure {{words .Structure}}
syn keyword smonBoolean {{words .Boolean}}
syn keyword smonConstant {{words .Constant}}
syn match smonLevel /\%(\<\%(alert\|level\)\s\+\)\@<=\%({{vim .Level}}\)\>/
syn match smonType /\<\%({{vim .Type}}\)\>/ contained
syn match smonTyped /[:[,(]\s*\%({{vim .Type}}\)\>\ze\s*[])},]\|:\s*\%({{vim .Type}}\)\>\ze\s*\%([({]\|$\|#\)/ contains=smonType
syn match smonArgument /\<\%({{vim .Argument}}\)\>\ze\s*:/
syn match smonBuiltin /\<\%({{vim .Value}}\)\>/
syn match smonBuiltin /\<\%({{vim .Function}}\)\ze\s*(/

" Names with dots are fields of packets or of entities.
syn match smonLayer /\<\%({{vim .Layer}}\)\>/
syn match smonDotted /\<\h\w*\%(\.\h\w*\)\+\>/
{{range .Fields}}syn match smonField /\<{{.Prefix}}\.\%({{vim .Names}}\)\>\%(\.\h\)\@!/
{{end}}syn match smonOldName /\<\%({{vim .Old}}\)\>/

" Literals.
syn match smonNumber /\<\d[0-9_]*\%(\.\d[0-9_]*\)\=\%([eE][-+]\=\d\+\)\=\>/
syn match smonNumber /\<0[xX]\x[0-9a-fA-F_]*\>/
syn match smonNumber /\<\%(\d[0-9_]*\%(\.\d\+\)\=\%(ns\|us\|ms\|[smhdw]\)\)\+\>/
syn match smonNumber /\c\<\d[0-9_]*\%(\.\d\+\)\=\%([kmgt]i\=\)\=b\>/
syn match smonAddress /\<\d\{1,3}\%(\.\d\{1,3}\)\{3}\%(\/\d\{1,2}\)\=\>/
syn match smonAddress /\%(\<\x\{1,4}\%(:\x\{0,4}\)\{2,7}\|::\x\{0,4}\%(:\x\{1,4}\)\{0,6}\)\%(\.\d\{1,3}\)*\%(\/\d\{1,3}\)\=/
syn match smonAddress /\<\x\x\%(:\x\x\)\{5}\>/

syn match smonArrow /->/

" Texts, with values in braces.
syn cluster smonExpression contains=smonField,smonDotted,smonLayer,smonOldName,smonNumber,smonAddress,smonBuiltin,smonConstant,smonBoolean,smonOperator
syn match smonEscape /\\./ contained
syn match smonEscape /{{"{{"}}\|}}/ contained
syn region smonValue matchgroup=smonBrace start=/{\%({\)\@!/ end=/\%(:[^}"]*\)\=}/ contained oneline contains=@smonExpression
syn region smonString start=/"/ skip=/\\./ end=/"/ oneline contains=smonEscape,smonValue,@Spell

syn keyword smonTodo contained TODO FIXME XXX
syn match smonComment /#.*$/ contains=smonTodo,@Spell
syn match smonComment +//.*$+ contains=smonTodo,@Spell

syn sync minlines=50

hi def link smonDeclaration Structure
hi def link smonStatement Statement
hi def link smonAction Keyword
hi def link smonOperator Operator
hi def link smonStructure Type
hi def link smonBoolean Boolean
hi def link smonConstant Constant
hi def link smonLevel Constant
hi def link smonType Type
hi def link smonArgument Label
hi def link smonBuiltin Function
hi def link smonLayer Identifier
hi def link smonField Identifier
hi def link smonOldName WarningMsg
hi def link smonNumber Number
hi def link smonAddress Number
hi def link smonArrow Special
hi def link smonEscape SpecialChar
hi def link smonBrace Delimiter
hi def link smonString String
hi def link smonTodo Todo
hi def link smonComment Comment

let b:current_syntax = "smon"
