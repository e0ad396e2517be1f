package front

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestPeer_FindsTheUserOfAConnection(t *testing.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := Listen(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		var dial net.Dialer
		theirs, err := dial.DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		ours, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		if uid, err := Peer(ours); err != nil || uid != os.Getuid() {
			t.Errorf("%s: %d %v", address, uid, err)
		}
		if err := theirs.Close(); err != nil {
			t.Fatal(err)
		}
		if _, err := ours.Read(make([]byte, 1)); err != io.EOF { //nolint:errorlint // a connection returns it bare
			t.Fatal(err)
		}
		if uid, err := Peer(ours); err == nil {
			t.Errorf("%s: a caller who has gone is %d", address, uid)
		}
		if ours.Close() != nil || l.Close() != nil {
			t.Error("not closed")
		}
	}
}

// A process of another user, which only root can start, asks without a token.
// For others, the door is another user's.
func TestDoor_RealOtherUser_IsNotLetIn(t *testing.T) {
	const nobody = 65534
	mine, theirs := os.Getuid(), nobody
	var as *syscall.Credential
	if mine == 0 {
		as = &syscall.Credential{Uid: nobody, Gid: nobody, NoSetGroups: true}
	} else {
		theirs = mine
	}
	for _, loopback := range []string{"127.0.0.1:0", "[::1]:0"} {
		for uid, want := range map[int]string{theirs: "200", theirs + 1: "401", mine: map[bool]string{true: "200", false: "401"}[mine == theirs]} {
			at := open(t, loopback, &Door{UID: uid})
			child := exec.CommandContext(t.Context(), "/proc/self/exe")
			child.Env = []string{childEnv + "=" + at, "GORACE=atexit_sleep_ms=0"}
			child.Dir = "/"
			child.SysProcAttr = &syscall.SysProcAttr{Credential: as}
			out, err := child.CombinedOutput()
			if err != nil || string(out) != want {
				t.Errorf("the door of %d says to %d: %s %v, want %s", uid, theirs, out, err, want)
			}
		}
	}
}

// askAsChild prints the status that a door answers with.
func askAsChild(address string) int {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+address+"/x", nil)
	if err != nil {
		fmt.Print(err)
		return 1
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Print(err)
		return 1
	}
	fmt.Print(a.StatusCode)
	_ = a.Body.Close() // the process ends
	return 0
}

func TestParseSocket_ReadsTheKernelsTable(t *testing.T) {
	for text, want := range map[string]string{
		"0100007F:1F90":                         "127.0.0.1:8080",
		"00000000000000000000000001000000:0050": "[::1]:80",
		"0000000000000000FFFF00000100007F:0001": "[::ffff:127.0.0.1]:1",
	} {
		if got, err := parseSocket(text); err != nil || got != netip.MustParseAddrPort(want) {
			t.Errorf("%s: %v %v", text, got, err)
		}
	}
	for _, text := range []string{"", ":", "0100007F", "0100007F:", "0100007F:FFFFF", "01:0050", "zz:0050", "0100007F00:0050", strings.Repeat("00", 20) + ":0050"} {
		if got, err := parseSocket(text); err == nil {
			t.Errorf("%q is %v", text, got)
		}
	}
}
