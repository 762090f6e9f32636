package lsp

// The part of the protocol that is used, by the names that it has there.

const (
	syncIncremental = 2
	quickFix        = "quickfix"
	messageError    = 1
)

type (
	documentID struct {
		URI string `json:"uri"`
	}

	// position counts lines from 0 and characters in UTF-16 code units.
	position struct {
		Line      int `json:"line"`
		Character int `json:"character"`
	}

	rangeOf struct {
		Start position `json:"start"`
		End   position `json:"end"`
	}

	location struct {
		URI   string  `json:"uri"`
		Range rangeOf `json:"range"`
	}

	textEdit struct {
		Range   rangeOf `json:"range"`
		NewText string  `json:"newText"`
	}

	workspaceEdit struct {
		Changes map[string][]textEdit `json:"changes"` // by URI
	}

	logMessageParams struct {
		Type    int    `json:"type"`
		Message string `json:"message"`
	}

	openParams struct {
		TextDocument struct {
			documentID
			Version int    `json:"version"`
			Text    string `json:"text"`
		} `json:"textDocument"`
	}

	changeParams struct {
		TextDocument struct {
			documentID
			Version int `json:"version"`
		} `json:"textDocument"`
		ContentChanges []change `json:"contentChanges"`
	}

	// change replaces a range, or everything if there is none.
	change struct {
		Range *rangeOf `json:"range"`
		Text  string   `json:"text"`
	}

	closeParams struct {
		TextDocument documentID `json:"textDocument"`
	}

	// placeParams asks about a place.
	placeParams struct {
		Position position `json:"position"`
		Context  struct {
			IncludeDeclaration bool `json:"includeDeclaration"` // of references
		} `json:"context"`
	}

	renameParams struct {
		Position position `json:"position"`
		NewName  string   `json:"newName"`
	}

	formatParams struct{}
	symbolParams struct{}

	actionParams struct {
		Range rangeOf `json:"range"`
	}

	diagnosticsParams struct {
		URI         string       `json:"uri"`
		Version     *int         `json:"version,omitempty"`
		Diagnostics []diagnostic `json:"diagnostics"`
	}

	diagnostic struct {
		Range    rangeOf   `json:"range"`
		Severity int       `json:"severity"` // 1 error, 2 warning
		Code     string    `json:"code"`
		Source   string    `json:"source"`
		Message  string    `json:"message"`
		Related  []related `json:"relatedInformation,omitempty"`
	}

	related struct {
		Location location `json:"location"`
		Message  string   `json:"message"`
	}

	hover struct {
		Contents markup  `json:"contents"`
		Range    rangeOf `json:"range"`
	}

	markup struct {
		Kind  string `json:"kind"` // "markdown"
		Value string `json:"value"`
	}

	completionList struct {
		IsIncomplete bool             `json:"isIncomplete"`
		Items        []completionItem `json:"items"`
	}

	completionItem struct {
		Label         string   `json:"label"`
		Kind          int      `json:"kind"`
		Detail        string   `json:"detail,omitempty"`
		Documentation string   `json:"documentation,omitempty"`
		SortText      string   `json:"sortText"`
		FilterText    string   `json:"filterText,omitempty"`
		TextEdit      textEdit `json:"textEdit"`
	}

	highlight struct {
		Range rangeOf `json:"range"`
		Kind  int     `json:"kind"` // 2 read, 3 written: here, declared
	}

	symbol struct {
		Name           string   `json:"name"`
		Detail         string   `json:"detail,omitempty"`
		Kind           int      `json:"kind"`
		Range          rangeOf  `json:"range"`
		SelectionRange rangeOf  `json:"selectionRange"`
		Children       []symbol `json:"children,omitempty"`
	}

	codeAction struct {
		Title       string        `json:"title"`
		Kind        string        `json:"kind"`
		Diagnostics []diagnostic  `json:"diagnostics"`
		IsPreferred bool          `json:"isPreferred"`
		Edit        workspaceEdit `json:"edit"`
	}
)

// Kinds of completion items and of symbols.
const (
	itemFunction = 3
	itemField    = 5
	itemVariable = 6
	itemClass    = 7
	itemUnit     = 11
	itemValue    = 12
	itemKeyword  = 14
	itemEvent    = 23
	itemConstant = 21
	itemState    = 20 // enum member
	itemType     = 22 // struct

	symbolFunction = 12
	symbolVariable = 13
	symbolConstant = 14
	symbolArray    = 18
	symbolObject   = 19
	symbolKey      = 20
	symbolState    = 22 // enum member
	symbolStruct   = 23
	symbolEvent    = 24
	symbolOperator = 25
)
