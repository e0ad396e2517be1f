package front

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// Peer finds the user at the other end of a loopback connection in the
// kernel's table of TCP sockets (proc_net_tcp.txt of the kernel's docs). A
// caller on another machine, or behind a network namespace, is not in it.
func Peer(conn net.Conn) (uid int, err error) {
	theirs, err := netip.ParseAddrPort(conn.RemoteAddr().String())
	if err != nil {
		return 0, fmt.Errorf("find the user behind %s: %w", conn.RemoteAddr(), err)
	}
	ours, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return 0, fmt.Errorf("find the user behind %s: %w", conn.RemoteAddr(), err)
	}
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		uid, err = peerIn(table, theirs, ours)
		if err == nil {
			return uid, nil
		}
	}
	return 0, fmt.Errorf("find the user behind %s: %w", conn.RemoteAddr(), err)
}

var errNoSocket = errors.New("no such socket in the kernel's table")

func peerIn(table string, theirs, ours netip.AddrPort) (uid int, err error) {
	f, err := os.Open(table)
	if err != nil {
		return 0, err
	}
	defer func() { _ = f.Close() }() // only read from
	const established = "01"
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		field := strings.Fields(lines.Text())
		if len(field) < 8 || field[3] != established {
			continue
		}
		local, err1 := parseSocket(field[1])
		remote, err2 := parseSocket(field[2])
		if err1 == nil && err2 == nil && same(local, theirs) && same(remote, ours) {
			return strconv.Atoi(field[7])
		}
	}
	return 0, errors.Join(errNoSocket, lines.Err())
}

func same(a, b netip.AddrPort) bool {
	return a.Port() == b.Port() && a.Addr().Unmap() == b.Addr().Unmap()
}

// parseSocket reads ADDRESS:PORT in hexadecimal; the address is printed as
// 32-bit words in the byte order of the machine.
func parseSocket(s string) (netip.AddrPort, error) {
	address, port, _ := strings.Cut(s, ":")
	raw, err := hex.DecodeString(address)
	if err != nil || len(raw)%4 != 0 {
		return netip.AddrPort{}, errNoSocket
	}
	for i := 0; i < len(raw); i += 4 {
		binary.NativeEndian.PutUint32(raw[i:], binary.BigEndian.Uint32(raw[i:]))
	}
	ip, ok := netip.AddrFromSlice(raw)
	n, err := strconv.ParseUint(port, 16, 16)
	if !ok || err != nil {
		return netip.AddrPort{}, errNoSocket
	}
	return netip.AddrPortFrom(ip, uint16(n)), nil
}
