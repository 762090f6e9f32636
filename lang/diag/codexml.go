package diag

// Codes of warnings about programs in XML: where this is not what the prototype did.
const (
	// MissingSource warns of an XML program without a <source>. The probe is told what
	// to read.
	//
	// Fix: nothing, if the probe is told what to read: smprobe run -i or -r.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	MissingSource = endWarning + iota

	// MissingPublisher warns of an XML program without a <publisher>. The probe is told
	// where records go.
	//
	// Fix: nothing, if the probe is told where records go.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	MissingPublisher

	// ManyPacketEvents warns of an XML program with several packet events, which the prototype
	// did not compile. The first that matches a packet runs.
	//
	// Fix: put the narrower event first; the first that matches runs.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event>
	//	<event type="packet" selector="proto udp" primary-key="ip_src"/></botstream>
	ManyPacketEvents

	// TimeoutOrder warns of a timeout event that stands after a packet event in an XML
	// program, on which the prototype ended.
	//
	// Fix: move the timeout events before the packet events, if the old prototype
	// has to read the file.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event>
	//	<event type="timeout" class="t"/></botstream>
	TimeoutOrder

	// TimeoutKey warns of a timeout of an XML program that is set for another key than
	// the state is kept for. It is kept for the latter.
	//
	// Fix: set the timeout for the key of the event.
	//
	// Example:
	//	<botstream><statedef id="0"/><event type="timeout" class="t"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"><timeout_set class="t" key="ip_dst" value="1"/></condition>
	//	</state></event></botstream>
	TimeoutKey

	// DefaultTimeout warns of a timeout of the initial state of an XML program, which is left
	// out: nothing is kept about keys in that state.
	//
	// Fix: delete the timeout of the initial state.
	//
	// Example:
	//	<botstream><statedef id="0" timeout="60"/>
	//	<event type="packet" primary-key="ip_src"/></botstream>
	DefaultTimeout

	// CommaSeparator warns of a comma between actions of an XML program, read as a
	// semicolon.
	//
	// Fix: write a semicolon.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(a),print(b)"/>
	//	</state></event></botstream>
	CommaSeparator

	// BlankSeparator warns of blanks between actions of an XML program, alone or after a
	// semicolon.
	//
	// Fix: write one semicolon between two actions.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(a) print(b)"/>
	//	</state></event></botstream>
	BlankSeparator

	// PrintTab warns of the action print_tab of an XML program, which does nothing.
	//
	// Fix: delete the action.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print_tab"/>
	//	</state></event></botstream>
	PrintTab

	// DeadAction warns of an action of an XML program that had no effect in the prototype.
	//
	// Fix: delete the action.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="Export()"/>
	//	</state></event></botstream>
	DeadAction

	// DeadPart warns of a part of an XML program that does nothing.
	//
	// Fix: delete the part.
	//
	// Example:
	//	<botstream><statedef id="0"/><additional_block name="TestBlock"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	DeadPart

	// ExecRefused warns of an action exec of an XML program that would need a shell: no
	// command runs, its text is logged.
	//
	// Fix: let a program that reads the records of the probe run the command.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="exec(date | mail root)"/>
	//	</state></event></botstream>
	ExecRefused

	// ExecVector warns of an action exec of an XML program: what was a command line of a
	// shell is read as a program and its arguments, and runs by leave of the operator only.
	//
	// Fix: nothing, if the operator of the probe allows the program; block does without a
	// command what most of them are for.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="exec(logger %ip_src)"/>
	//	</state></event></botstream>
	ExecVector

	// PlotPublished warns of the action plot of an XML program, read as publish.
	//
	// Fix: nothing; a program that reads the records can draw them.
	//
	// Example:
	//	<botstream><statedef id="0"/><feature name="f" body="1"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="plot(p ip_src f)"/>
	//	</state></event></botstream>
	PlotPublished

	// PipeKey warns of a key of an XML program whose fields are joined with "|", read as
	// "-".
	//
	// Fix: join the fields with "-".
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" primary-key="ip_src|ip_dst"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	PipeKey

	// WordOperator warns of a comparison of an XML program written as a word: gt, lt, gt_eq
	// or lt_eq.
	//
	// Fix: write >, <, >= or <=, in XML as &gt; and &lt;.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="ip_len gt 60"/>
	//	</state></event></botstream>
	WordOperator

	// WideValue warns of a value in an XML program that the prototype could not compare:
	// an address with points, or a text.
	//
	// Fix: nothing; the value is compared as it is written.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="ip_src 10.0.0.1" primary-key="ip_src"><state id="0">
	//	<condition expression="true"/>
	//	</state></event></botstream>
	WideValue

	// OtherKind warns of a kind of monitor of an XML program that another one stands for.
	//
	// Fix: write the kind that the message names.
	//
	// Example:
	//	<botstream><statedef id="0"/><metric name="m"><variation_detector status="off"/>
	//	<variation_monitor status="on" type="tewma-fast"/></metric>
	//	<event type="packet" primary-key="ip_src"/></botstream>
	OtherKind

	// Cmath warns of a function of <cmath> in an XML program that others stand for.
	//
	// Fix: write the function that the message names.
	//
	// Example:
	//	<botstream><statedef id="0"/><feature name="f" body="log10(2)"/>
	//	<event type="packet" primary-key="ip_src"/></botstream>
	Cmath

	// UnknownVariable warns of a "%name" in a text of an XML program that is no variable and
	// stays as it is.
	//
	// Fix: correct the name, or write %% for the sign itself.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(%ip_scr)"/>
	//	</state></event></botstream>
	UnknownVariable

	// TextEscape warns of an escape in a text of an XML program that C++ has not.
	//
	// Fix: take the backslash out, or double it.
	//
	// Example:
	//	<botstream><statedef id="0"/>
	//	<event type="packet" selector="proto tcp" primary-key="ip_src"><state id="0">
	//	<condition expression="true" action="print(\q)"/>
	//	</state></event></botstream>
	TextEscape

	numCodes
)
