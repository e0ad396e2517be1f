package config

import (
	"net"
	"net/netip"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// The checks of single values. What each allows is told to people by the
// sentence config.allowed.… that the table names.

var (
	prefixPattern   = compiled(`^[A-Z][A-Z0-9]*$`)
	gpusPattern     = compiled(`^([A-Za-z0-9_-]+(,[A-Za-z0-9_-]+)*)?$`)
	idPattern       = compiled(`^[A-Za-z0-9_-]+$`)
	sheetURLPattern = compiled(`^https://docs\.google\.com/spreadsheets/(?:u/\d+/)?d/([A-Za-z0-9_-]+)(?:[/?#].*)?$`)
)

func isClean(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

func isText(_ *Config, s string) bool    { return isClean(s) && strings.TrimSpace(s) != "" }
func isPrefix(_ *Config, s string) bool  { return prefixPattern().MatchString(s) }
func isGPUs(_ *Config, s string) bool    { return gpusPattern().MatchString(s) }
func isPath(_ *Config, s string) bool    { return isClean(s) }
func isLibrary(_ *Config, s string) bool { return isClean(s) && (s == "" || filepath.IsAbs(s)) }
func isSpreadsheet(_ *Config, s string) bool {
	return idPattern().MatchString(s) || isClean(s) && sheetURLPattern().MatchString(s)
}

func inRange(low, high int) func(*Config, string) bool {
	return func(_ *Config, s string) bool {
		n, err := strconv.Atoi(s)
		return err == nil && n >= low && n <= high
	}
}

func isPositiveSize(c *Config, _ string) bool { return c.Monitor.MemoryGrowth > 0 }

// isEndpoint allows plain http on loopback only: what goes there may carry a
// token.
func isEndpoint(_ *Config, s string) bool {
	if s == "" {
		return true
	}
	u, err := url.Parse(s)
	if err != nil || !isClean(s) || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return false
	}
	if u.Port() != "" && !isPort(u.Port()) {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

// isSecretURL allows what isEndpoint does, with a name, a password and a query.
// A reference to the environment is checked when its value is known.
func isSecretURL(_ *Config, s string) bool {
	if s == "" || reference().MatchString(s) {
		return true
	}
	u, err := url.Parse(s)
	if err != nil || !isClean(s) || u.Hostname() == "" || u.Fragment != "" || u.Port() != "" && !isPort(u.Port()) {
		return false
	}
	return u.Scheme == "https" || u.Scheme == "http" && isLoopback(u.Hostname())
}

var topicPattern = compiled(`^[A-Za-z0-9_-]{1,64}$`)

// isTopic wants the address of a topic, which is the last part of its path.
func isTopic(c *Config, s string) bool {
	if s == "" || reference().MatchString(s) {
		return true
	}
	u, err := url.Parse(s)
	return err == nil && isEndpoint(c, s) && topicPattern().MatchString(path.Base(u.Path)) && !strings.HasSuffix(u.Path, "/")
}

// isListen wants an address and not a name: a name may lead elsewhere tomorrow.
func isListen(_ *Config, s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil {
		return false
	}
	_, err = netip.ParseAddr(host)
	return (err == nil || host == "localhost") && isPort(port)
}

var hostPattern = compiled(`^([A-Za-z0-9]([A-Za-z0-9-]{0,62})(\.[A-Za-z0-9]([A-Za-z0-9-]{0,62}))*)$`)

// isHosts wants names without ports.
func isHosts(_ *Config, s string) bool {
	const longest = 1000
	for name := range strings.SplitSeq(s, ",") {
		if s != "" && (!hostPattern().MatchString(name) || len(s) > longest) {
			return false
		}
	}
	return true
}

// isTailnet tells whether an address is one of those that Tailscale gives: what
// goes there is encrypted on its way.
func isTailnet(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && (netip.MustParsePrefix("100.64.0.0/10").Contains(ip.Unmap()) || netip.MustParsePrefix("fd7a:115c:a1e0::/48").Contains(ip.WithZone("")))
}

func isPort(s string) bool {
	_, err := strconv.ParseUint(s, 10, 16)
	return err == nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// isWorkspace wants a folder of its own for each ticket.
func isWorkspace(c *Config, s string) bool {
	rest := strings.NewReplacer("{home}", "", "{id}", "").Replace(s)
	return isClean(s) && strings.Contains(s, "{id}") && !strings.ContainsAny(rest, "{}") &&
		filepath.IsAbs(strings.ReplaceAll(s, "{home}", string(c.Home)))
}

// compiled is a pattern that is made at its first use: every command starts
// with what the packages have made ready, and most need none of it.
func compiled(pattern string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(pattern) })
}
