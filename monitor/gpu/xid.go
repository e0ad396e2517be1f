package gpu

import "uratori/internal/phrase"

// Xid is what an error number of NVIDIA's driver means.
type Xid struct {
	Number int
	Name   string // NVIDIA's words, to search for
	Class  XidClass
	// Fatal tells that work on this GPU must not go on: the process that used
	// it is ended by the driver, or what it computes cannot be trusted.
	Fatal  bool
	Action XidAction
}

// XidClass is who is to blame. NVIDIA says for most numbers that several can be;
// the class is what to suspect first.
type XidClass string

// The classes.
const (
	XidHardware    XidClass = "hardware"
	XidDriver      XidClass = "driver" // or the firmware
	XidApplication XidClass = "application"
	XidUnknown     XidClass = "unknown"
)

// XidAction is what a person can do.
type XidAction string

// The actions, which [Xid.Do] puts into words.
const (
	DoNothing  XidAction = "nothing"
	DoRestart  XidAction = "restart"   // of the task, after a look at the program
	DoReset    XidAction = "reset"     // of the GPU
	DoReboot   XidAction = "reboot"    // of the machine
	DoMemory   XidAction = "memory"    // reset, then see whether the memory holds
	DoCables   XidAction = "cables"    // power and seat of the card
	DoLink     XidAction = "link"      // NVLink
	DoUpdate   XidAction = "update"    // of the driver
	DoFollow   XidAction = "follow"    // the other Xid that came with it
	DoRecovery XidAction = "recovery"  // what the driver now asks for
	DoCheckUVM XidAction = "check_uvm" // the program's use of managed memory
	DoSupport  XidAction = "support"
)

// XidOf tells what a number means. One that is not in the table is taken
// seriously: nothing is known but that the driver reported an error.
func XidOf(number int) Xid {
	for _, x := range xids() {
		if x.Number == number {
			return x
		}
	}
	return Xid{Number: number, Name: "Unknown Xid", Class: XidUnknown, Fatal: true, Action: DoSupport}
}

// Do is what a person can do about it, in one sentence.
func (x Xid) Do(lang phrase.Lang) string { return lang.Say("gpu.xid." + string(x.Action)) }

// xids is the table. Numbers, names and actions are those of NVIDIA's catalogue
// for Ampere and newer (docs.nvidia.com/deploy/xid-errors/analyzing-xid-catalog.html,
// as of October 2025): RESTART_APP is DoRestart, RESET_GPU DoReset, RESTART_BM
// DoReboot, CHECK_MECHANICALS DoCables, IGNORE DoNothing. Numbers that it calls
// unused are left out. Fatal is every number whose action is more than nothing,
// and those of which the same document says that a process ends by them though
// the GPU is well (8, 43, 45). The class is that of its older table of causes
// (docs.nvidia.com/deploy/xid-errors/index.html), the first that applies in the
// order application, hardware, driver where the action suits, and for numbers
// above 150 what their name says.
func xids() []Xid {
	const (
		hardware    = XidHardware
		driver      = XidDriver
		application = XidApplication
	)
	return []Xid{
		{8, "GPU stopped processing", application, true, DoRestart},
		{11, "Invalid or corrupted push buffer stream", application, true, DoRestart},
		{13, "Graphics Engine Exception", application, true, DoRestart},
		{25, "Invalid or illegal push buffer stream", application, true, DoRestart},
		{31, "GPU memory page fault", application, true, DoRestart},
		{32, "Invalid or corrupted push buffer stream", application, true, DoRestart},
		{37, "Driver firmware error", driver, false, DoNothing},
		{38, "Driver firmware error", driver, false, DoNothing},
		{39, "Copy Engine Exception", hardware, true, DoRestart},
		{40, "Copy Engine Exception", hardware, true, DoRestart},
		{41, "Copy Engine Exception", hardware, true, DoRestart},
		{43, "GPU stopped processing", application, true, DoRestart},
		{44, "Graphics Engine fault during context switch", driver, false, DoNothing},
		{45, "Preemptive cleanup, due to previous errors", application, true, DoFollow},
		{46, "GPU stopped processing", hardware, true, DoReset},
		{48, "Double Bit ECC Error", hardware, true, DoMemory},
		{54, "Auxiliary power is not connected to the GPU board", hardware, true, DoCables},
		{60, "Video processor exception", application, true, DoRestart},
		{62, "Internal micro-controller halt", hardware, true, DoReset},
		{63, "GPU memory remapping event", hardware, false, DoNothing},
		{64, "GPU memory remapping failure", hardware, true, DoMemory},
		{66, "Illegal access by driver", driver, false, DoNothing},
		{67, "Illegal access by driver", driver, false, DoNothing},
		{68, "NVDEC0 Exception", application, true, DoRestart},
		{69, "Graphics Engine class error", application, true, DoRestart},
		{70, "CE3: Unknown Error", hardware, true, DoRestart},
		{71, "CE4: Unknown Error", hardware, true, DoRestart},
		{72, "CE5: Unknown Error", hardware, true, DoRestart},
		{74, "NVLINK Error", hardware, true, DoLink},
		{75, "CE6: Unknown Error", hardware, true, DoRestart},
		{76, "CE7: Unknown Error", hardware, true, DoRestart},
		{77, "CE8: Unknown Error", hardware, true, DoRestart},
		{78, "vGPU Start Error", driver, true, DoUpdate},
		{79, "GPU has fallen off the bus", hardware, true, DoReboot},
		{80, "Corrupted data sent to GPU", hardware, true, DoRestart},
		{82, "NVJPG0 Error", application, true, DoRestart},
		{83, "NVDEC1 Error", application, true, DoRestart},
		{84, "NVDEC2 Error", application, true, DoRestart},
		{85, "CE9: Unknown Error", hardware, true, DoRestart},
		{86, "OFA Exception", application, true, DoRestart},
		{88, "NVDEC3 Error", application, true, DoRestart},
		{89, "NVDEC4 Error", application, true, DoRestart},
		{92, "High single-bit ECC error rate", hardware, false, DoNothing},
		{93, "Non-fatal violation of provisioned InfoROM wear limit", driver, false, DoNothing},
		{94, "Contained memory error", hardware, true, DoRestart},
		{95, "Uncontained memory error", hardware, true, DoMemory},
		{96, "NVDEC5 Error", application, true, DoRestart},
		{97, "NVDEC6 Error", application, true, DoRestart},
		{98, "NVDEC7 Error", application, true, DoRestart},
		{99, "NVJPG1 Error", application, true, DoRestart},
		{100, "NVJPG2 Error", application, true, DoRestart},
		{101, "NVJPG3 Error", application, true, DoRestart},
		{102, "NVJPG4 Error", application, true, DoRestart},
		{103, "NVJPG5 Error", application, true, DoRestart},
		{104, "NVJPG6 Error", application, true, DoRestart},
		{105, "NVJPG7 Error", application, true, DoRestart},
		{106, "SMBPBI Test Message", driver, false, DoNothing},
		{107, "SMBPBI Test Message Silent", driver, false, DoNothing},
		{109, "Context Switch Timeout Error", driver, true, DoReset},
		{110, "Security Fault Error", driver, true, DoReset},
		{119, "GSP RPC Timeout", driver, true, DoReset},
		{120, "GSP Error", driver, true, DoReset},
		{121, "C2C Error", hardware, false, DoNothing},
		{126, "CE10: Unknown Error", hardware, true, DoRestart},
		{127, "CE11: Unknown Error", hardware, true, DoRestart},
		{128, "CE12: Unknown Error", hardware, true, DoRestart},
		{129, "CE13: Unknown Error", hardware, true, DoRestart},
		{130, "CE14: Unknown Error", hardware, true, DoRestart},
		{131, "CE15: Unknown Error", hardware, true, DoRestart},
		{132, "CE16: Unknown Error", hardware, true, DoRestart},
		{133, "CE17: Unknown Error", hardware, true, DoRestart},
		{134, "CE18: Unknown Error", hardware, true, DoRestart},
		{135, "CE19: Unknown Error", hardware, true, DoRestart},
		{136, "Link Training Failed", hardware, true, DoReset},
		{137, "NVLink Privilege Error", application, false, DoNothing},
		{139, "OFA1 Error", application, true, DoRestart},
		{140, "ECC Unrecovered Error", hardware, true, DoMemory},
		{141, "CUDA Fast Path Error", driver, false, DoNothing},
		{142, "NVENC3 Error", hardware, true, DoSupport},
		{143, "GPU Initialization Error", hardware, true, DoReset},
		{144, "NVLINK: SAW Error", hardware, true, DoLink},
		{145, "NVLINK: RLW Error", hardware, true, DoLink},
		{146, "NVLINK: TLW Error", hardware, true, DoLink},
		{147, "NVLINK: TREX Error", hardware, true, DoLink},
		{148, "NVLINK: NVLPW_CTRL Error", hardware, true, DoLink},
		{149, "NVLINK: NETIR Error", hardware, true, DoLink},
		{150, "NVLINK: MSE Error", hardware, true, DoLink},
		{151, "Key rotation Error", driver, true, DoReboot},
		{152, "DLA SMMU Error", driver, false, DoNothing},
		{153, "DLA timeout Error", driver, false, DoNothing},
		{154, "GPU Recovery Action Changed", driver, false, DoRecovery}, // comes with another Xid
		{155, "NVLINK: SW Defined Error", hardware, true, DoReset},
		{156, "Resource Retirement Event", hardware, true, DoReset},
		{157, "Resource Retirement Failure", hardware, false, DoNothing},
		{158, "GPU Fatal Timeout", hardware, true, DoReset},
		{159, "CHI Non-Data Error", application, true, DoCheckUVM},
		{160, "Channel Retirement Event", hardware, false, DoNothing},
		{161, "Channel Retirement Failure", hardware, false, DoNothing},
		// The catalogue names these without an action yet. They are taken
		// seriously but for the notes on power smoothing.
		{162, "Power Smoothing HW Circuitry capability reengaged", hardware, false, DoNothing},
		{163, "Power Smoothing HW Circuitry capability disengaged", hardware, false, DoNothing},
		{164, "Power Smoothing HW Circuitry low lifetime reached", hardware, false, DoNothing},
		{165, "Power Smoothing HW Circuitry lifetime exhausted", hardware, false, DoNothing},
		{166, "NVLink traffic before the link was encrypted", driver, true, DoSupport},
		{167, "PCIe fatal timeout", hardware, true, DoReboot},
		{168, "Errors found in WPR (write protected region)", hardware, true, DoSupport},
		{169, "Internal micro-controller halt (SEC2)", hardware, true, DoReset},
		{170, "NVLink interrupt in confidential computing mode", driver, true, DoSupport},
		{171, "Uncorrectable DRAM error", hardware, true, DoMemory}, // tells more of a 48
		{172, "Uncorrectable SRAM error", hardware, true, DoMemory}, // likewise
	}
}
