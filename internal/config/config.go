// Package config holds the settings of a home, typed and checked.
//
// A setting comes from the environment, else from config.toml, else from the
// table of defaults. A wrong key, type or value is an error that names the
// file, the line and what is allowed: a misspelt setting must not be silently
// the default. Secrets stand in the environment or in files that only their
// owner can read, and never show themselves.
package config

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"uratori/internal/fault"
)

// Duration is a span of time as settings have it.
type Duration = time.Duration

// Config is the effective settings of one home.
type Config struct {
	Home     Home
	Tracker  Tracker
	Server   Server
	Approval Approval
	Runner   Runner
	Monitor  Monitor
	Notify   Notify

	origins map[string]string // key → where it was set, absent for a default
}

// Tracker is where tickets live.
type Tracker struct {
	Spreadsheet  string // "local", an ID or a URL; see SpreadsheetID
	Sheet        string // name of the tab
	Prefix       string // of ticket ids
	Endpoint     string // another Sheets-compatible base URL
	Credentials  string // absolute path of a file, or empty
	SyncInterval Duration
	// RequestsPerMinute is how many reads, and how many writes, go to Google in
	// a minute at most; 0 is no limit. The embedded sheet has none.
	RequestsPerMinute int
	Workspace         string // with {home} and {id}
	Columns           Columns
}

// Columns are the header texts of the mapped columns.
type Columns struct{ ID, Summary, Detail, Status, Approval, Phase string }

// Server is where the pages are.
type Server struct {
	Listen string
	Hosts  string // names of this machine that the pages answer to, separated by commas
}

// Names are the names that the pages answer to beside those of loopback.
func (s Server) Names() []string {
	if s.Hosts == "" {
		return nil
	}
	return strings.Split(s.Hosts, ",")
}

// Open tells whether others than programs of this machine may get to the pages:
// over the network, or through a server on this machine that passes requests on
// under another name. Nobody is taken for a neighbour then.
func (s Server) Open() bool {
	host, _, err := net.SplitHostPort(s.Listen)
	return err != nil || !isLoopback(host) || s.Hosts != ""
}

// Exposed tells whether the pages can be reached over a network that reads
// along: their address is neither of loopback nor of a tailnet, and they speak
// plain HTTP.
func (s Server) Exposed() bool {
	host, _, err := net.SplitHostPort(s.Listen)
	return err != nil || !isLoopback(host) && !isTailnet(host)
}

// Approval is how people approve.
type Approval struct {
	// Expires is how long a question waits for a person, and an approval for a
	// step to pass on it, where the workflow does not say.
	Expires Duration
	// Sheet lets people answer by an edit of the column of approvals; see
	// [Config.ApproveInSheet].
	Sheet bool
}

// ApproveInSheet tells whether an edit of the sheet can approve. Anybody with
// the user's rights on this machine can write to the embedded sheet, and to a
// server that the settings name, so only Google's own counts.
func (c *Config) ApproveInSheet() bool {
	return c.Approval.Sheet && !c.Tracker.Local() && c.Tracker.Endpoint == ""
}

// Runner is how tasks run.
type Runner struct {
	Slots    int    // tasks at once
	GPUs     string // names for CUDA_VISIBLE_DEVICES, separated by commas; empty to look
	GPUSlots int    // tasks at once on each GPU
	Retries  int    // automatic resumes after the first run
	Backoff  Duration
	Grace    Duration
	LogSize  Size // of each output of an attempt; the middle of a longer one is not kept
}

// Monitor is what counts as wrong.
type Monitor struct {
	Interval         Duration
	GPUMemoryPercent int
	GPUTemperatureC  int
	MemoryGrowth     Size
	CPUPercent       int
	Timeout          Duration
	StallWarn        Duration
	StallAlert       Duration
	StallKill        Duration
	NVML             string // path of libnvidia-ml.so.1, empty to search
	// DaemonCheck is how long the daemon may be away before the shim of a running
	// job calls it back.
	DaemonCheck Duration
	// HeartbeatURL is asked for each HeartbeatInterval while the monitor works.
	HeartbeatURL      Secret
	HeartbeatInterval Duration
}

// Notify is how people are told.
type Notify struct {
	QuietHours Hours // in which what is not urgent waits
	Pushover   Pushover
	Webhook    Webhook
	Ntfy       Ntfy
}

// Pushover is the phone.
type Pushover struct {
	Token, User Secret
	Endpoint    string
	// Emergency has critical messages ring again until somebody acknowledges.
	Emergency bool
}

// Webhook is a program of the user's that takes messages as JSON. Its URL is
// mostly all that one must know to use it.
type Webhook struct{ URL Secret }

// Ntfy is a topic of an ntfy server. Where topics are open, the name of the
// topic in the URL is the password.
type Ntfy struct{ URL, Token Secret }

// Local tells whether the tracker is the embedded sheet.
func (t Tracker) Local() bool { return t.Spreadsheet == "local" && t.Endpoint == "" }

// SpreadsheetID is the ID in Spreadsheet, whichever way it was written.
func (t Tracker) SpreadsheetID() string {
	if m := sheetURLPattern().FindStringSubmatch(t.Spreadsheet); m != nil {
		return m[1]
	}
	return t.Spreadsheet
}

// Load reads the settings of home. environ is as os.Environ returns it. A
// missing file means the defaults. Every error is a fault of kind Invalid.
func Load(home Home, environ []string) (*Config, error) {
	f, err := home.read()
	if err != nil {
		return nil, err
	}
	return f.load(home, environ)
}

// LoadEnvironment reads the settings as if there were no file, for what must
// be done although the file is broken.
func LoadEnvironment(home Home, environ []string) (*Config, error) { return file{}.load(home, environ) }

func (f file) load(home Home, environ []string) (*Config, error) {
	settings := table()
	c, err := fromFile(home, settings, f)
	if err != nil {
		return nil, err
	}
	if err := c.loadEnvironment(settings, environ); err != nil {
		return nil, err
	}
	if err := c.checkTogether(); err != nil {
		return nil, err
	}
	if err := c.findCredentials(environ); err != nil {
		return nil, err
	}
	return c, nil
}

// fromFile is the defaults and what f says. References to the environment
// stay as they are.
func fromFile(home Home, settings []setting, f file) (*Config, error) {
	c := &Config{Home: home, origins: map[string]string{}}
	for _, s := range settings {
		if err := s.field(c).read(s.standard); err != nil {
			panic(fmt.Sprintf("default of %s: %v", s.key, err)) // a test loads the defaults
		}
	}
	if err := c.loadFile(settings, f); err != nil {
		return nil, err
	}
	return c, nil
}

// assign sets one setting from a text and remembers where that stood.
func (c *Config) assign(s setting, text, where string) error {
	field := s.field(c)
	err := field.read(text)
	if d, ok := field.(durationKind); ok && err == nil && *d.p <= 0 {
		err = fmt.Errorf("not longer than nothing")
	}
	if err != nil || s.check != nil && !s.check(c, text) || s.secret && !isClean(text) {
		return s.refuse(text, where)
	}
	c.origins[s.key] = where
	return nil
}

var password = compiled(`(?s)//.*@`)

// refuse says what is allowed. The value of a secret is not repeated, nor is
// the password in a URL.
func (s setting) refuse(value, where string) error {
	value = password().ReplaceAllString(value, "//"+masked+"@")
	if s.secret {
		value = masked
	}
	return fault.New(fault.Invalid, "config.bad_value", "where", where, "key", s.key, "value", shown(value)).
		Wrap(fault.New(fault.Invalid, "config.allowed."+s.allowed))
}

// checkTogether checks what one value alone cannot show.
func (c *Config) checkTogether() error {
	m := c.Monitor
	if m.StallWarn >= m.StallAlert || m.StallAlert >= m.StallKill {
		return fault.New(fault.Invalid, "config.stall_order", "where", c.whereAny("monitor.stall_warn", "monitor.stall_alert", "monitor.stall_kill"),
			"warn", shortDuration(m.StallWarn), "alert", shortDuration(m.StallAlert), "kill", shortDuration(m.StallKill))
	}
	seen := map[string]string{}
	for _, s := range table() {
		if !strings.HasPrefix(s.key, "tracker.columns.") {
			continue
		}
		header := s.field(c).show()
		if other, ok := seen[header]; ok {
			return fault.New(fault.Invalid, "config.same_column", "where", c.whereAny(s.key, other), "key", s.key, "other", other, "value", shown(header))
		}
		seen[header] = s.key
	}
	return nil
}

// whereAny is where the first of keys was set that was set at all; one was,
// since the defaults are good.
func (c *Config) whereAny(keys ...string) string {
	for _, key := range keys {
		if where := c.origins[key]; where != "" {
			return where
		}
	}
	return c.Home.Config()
}

// Setting is one effective setting, for people.
type Setting struct {
	Key    string `json:"key"`
	Value  string `json:"value"`  // secrets masked
	Origin string `json:"origin"` // FILE:LINE, $VARIABLE, or "default"
}

// Settings lists all settings and where each came from.
func (c *Config) Settings() []Setting {
	var list []Setting
	for _, s := range table() {
		origin := c.origins[s.key]
		if origin == "" {
			origin = "default"
		}
		list = append(list, Setting{Key: s.key, Value: s.field(c).show(), Origin: origin})
	}
	return list
}

// Secrets are the secrets that are set, so that they can be blotted out of
// texts.
func (c *Config) Secrets() []Secret {
	n := c.Notify
	all := []Secret{n.Pushover.Token, n.Pushover.User, n.Webhook.URL, n.Ntfy.URL, n.Ntfy.Token}
	return slices.DeleteFunc(all, func(s Secret) bool { return !s.IsSet() })
}

// Fingerprint changes when any effective setting does. It reveals none.
func (c *Config) Fingerprint() string {
	h := sha256.New()
	for _, s := range table() {
		value := s.field(c).show()
		if k, ok := s.field(c).(secretKind); ok {
			value = k.digest()
		}
		fmt.Fprintf(h, "%s=%q\n", s.key, value)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// absolute resolves a path from a setting: ~/ is the user's folder, another
// relative one is below home.
func (c *Config) absolute(path, userHome string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok && userHome != "" {
		return filepath.Join(userHome, rest)
	}
	if !filepath.IsAbs(path) {
		return c.Home.join(path)
	}
	return path
}
