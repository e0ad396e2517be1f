package shim

import (
	"bytes"
	"strconv"

	"golang.org/x/sys/unix"

	"uratori/internal/process"
)

// slim gives memory back while the shim waits: also what attempts before left
// behind, since nothing collects it otherwise.
func slim() {
	if err := process.Slim(); err != nil {
		complain("give memory back", err)
	}
}

// forgetPeak makes the kernel forget how large this process has been.
func forgetPeak() {
	file, err := unix.Open("/proc/self/clear_refs", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	const peak = "5" // see proc_pid_clear_refs(5)
	_, _ = unix.Write(file, []byte(peak))
	_ = unix.Close(file)
}

// ownPeak is how large this process has been since then, in bytes.
func ownPeak() int64 {
	file, err := unix.Open("/proc/self/status", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0
	}
	defer unix.Close(file) //nolint:errcheck // nothing is written
	var status [4096]byte  // it has half of that, and the size in the first half
	n, err := unix.Read(file, status[:])
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(status[:n]) {
		if size, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kb, _ := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(size), []byte("kB")))), 10, 64)
			return kb << 10
		}
	}
	return 0
}
