package gpu

// The daemon and its probe process talk in lines of JSON: requests on the
// probe's standard input, messages on its standard output. The first message is
// a greeting or a refusal; then there is one answer to each request, in order,
// with events in between as they come.

// request is one line to the probe.
type request struct {
	ID  uint64 `json:"id"`
	Ask string `json:"ask"`
}

// What can be asked.
const (
	askSample = "sample"
	askList   = "list"
	askStop   = "stop" // ends the probe, as the end of its input does
)

// message is one line from the probe.
type message struct {
	Hello   *Info    `json:"hello,omitzero"`
	Refusal *refusal `json:"refusal,omitzero"`
	Event   *Event   `json:"event,omitzero"` // without its time, which the daemon adds

	ID       uint64    `json:"id,omitzero"` // of the request that is answered
	Code     Code      `json:"code,omitzero"`
	Readings []Reading `json:"readings,omitzero"`
	Devices  []Device  `json:"devices,omitzero"`
}

// refusal is why a library cannot be used; the probe ends after it.
type refusal struct {
	Kind   refusalKind `json:"kind"`
	Code   Code        `json:"code,omitzero"`
	Detail string      `json:"detail,omitzero"`
}

type refusalKind string

const (
	notBuilt    refusalKind = "not_built"  // this binary has no go-nvml inside
	notLoaded   refusalKind = "not_loaded" // dlopen failed; Detail is its reason
	notWhole    refusalKind = "not_whole"  // functions without which nothing works are missing; Detail names them
	notReady    refusalKind = "not_ready"  // nvmlInit failed with Code
	longestLine             = 8 << 20      // of a message, in bytes; a sample of a large machine is far below
	probeWord               = "gpu-probe"  // the hidden command
	libraryFlag             = "--library"  // its only flag
)
