package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"uratori/internal/config"
	"uratori/internal/control"
	"uratori/internal/control/line"
	"uratori/internal/daemon"
	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// lines is the part of the daemon that carries short commands out for the small
// program at the door. It is this command line, given what that program was given
// instead of what this process has; nothing of a line outlives it.
type lines struct {
	build control.Build
	home  config.Home
	zone  zone
	dial  func(context.Context) (*control.Client, error)
}

// linesPart has no tables.
func linesPart(build control.Build) daemon.Part {
	return daemon.Part{Open: func(_ context.Context, h daemon.House) (daemon.Tenant, error) {
		home := h.Config.Home
		l := lines{build: build, home: home, zone: zoneOf(os.LookupEnv), dial: func(context.Context) (*control.Client, error) {
			return control.Within(h.Within, home, build), nil
		}}
		return daemon.Tenant{Routes: []daemon.Route{{Pattern: "POST " + line.Path, Handle: l.handle}}}, nil
	}}
}

func (l lines) handle(r *http.Request) (any, error) {
	var given line.Line
	if err := daemon.Decode(r, &given); err != nil {
		return nil, err
	}
	return l.carryOut(r.Context(), given)
}

// carryOut does what was asked for, or leaves it to the whole program: by an
// error, even when something was done. It is the same under its key.
func (l lines) carryOut(ctx context.Context, given line.Line) (line.Answer, error) {
	getenv, lookup := variablesOf(given.Environ)
	if err := l.accept(given, getenv, lookup); err != nil {
		return line.Answer{}, err
	}
	var told printed
	a := &app{
		in: strings.NewReader(""), out: &output{Writer: told.to(false)}, err: told.to(true),
		environ: given.Environ, getenv: getenv, lang: phrase.FromEnv(getenv),
		color: given.Terminal && getenv("NO_COLOR") == "", columns: given.Columns, build: l.build,
		here: given.Folder.Path, key: given.Key, at: given.At,
		dial: l.dial,
	}
	status, err := a.perform(ctx, a.hot(given.Args[0]), given.Args)
	if err != nil && isOpen(err) && ctx.Err() == nil {
		// The daemon is leaving. The whole program starts another and asks again.
		return line.Answer{}, fault.New(fault.Unavailable, "line.open").Wrap(err)
	}
	return line.Answer{Parts: told.parts, Status: status}, nil
}

// accept refuses what this process could understand in another way than one of
// the caller's.
func (l lines) accept(given line.Line, getenv func(string) string, lookup func(string) (string, bool)) error {
	switch {
	case !line.Hot(given.Args):
		return fault.New(fault.Invalid, "line.not_listed")
	case !given.Fits(), !line.IsKey(given.Key), given.At.IsZero(), given.Columns < 0, !filepath.IsAbs(given.Folder.Path),
		slices.ContainsFunc(slices.Concat(given.Args, given.Environ, []string{given.Folder.Path}), func(s string) bool { return strings.ContainsRune(s, 0) }):
		return fault.New(fault.Invalid, "line.bad")
	case given.Version != l.build.Version || given.Commit != l.build.Commit:
		return elsewhere("build")
	case zoneOf(lookup) != l.zone:
		return elsewhere("time zone")
	}
	home, err := config.FindHomeFrom(getenv, func() (string, error) { return given.Folder.Path, nil })
	if err != nil || home != l.home {
		return elsewhere("home")
	}
	var here syscall.Stat_t
	err = syscall.Stat(given.Folder.Path, &here)
	if err != nil || uint64(here.Dev) != given.Folder.Device || here.Ino != given.Folder.Inode { //nolint:unconvert // on some machines it is narrower
		return elsewhere("folder")
	}
	return nil
}

func elsewhere(what string) error {
	return fault.New(fault.Conflict, "line.elsewhere", "what", what)
}

// hot builds a tree with one of the commands of [line.Hot] alone. The others take
// their time, and nobody sees that they are missing.
func (a *app) hot(name string) branch {
	switch name {
	case "enqueue":
		return branch{a.enqueueCommand}
	case "beat":
		return branch{a.beatCommand}
	default:
		return branch{a.statusCommand}
	}
}

// printed is what a command has printed, in its order.
type printed struct{ parts []line.Part }

type printer struct {
	to      *printed
	failing bool
}

func (p *printed) to(failing bool) printer { return printer{p, failing} }

func (p printer) Write(text []byte) (int, error) {
	p.to.parts = append(p.to.parts, line.Part{Error: p.failing, Text: bytes.Clone(text)})
	return len(text), nil
}

// variablesOf reads an environment as a process of its own would. Of two of a name
// the first counts.
func variablesOf(environ []string) (getenv func(string) string, lookup func(string) (string, bool)) {
	values := make(map[string]string, len(environ))
	for _, v := range environ {
		name, value, found := strings.Cut(v, "=")
		if _, twice := values[name]; found && !twice {
			values[name] = value
		}
	}
	lookup = func(name string) (string, bool) { value, ok := values[name]; return value, ok }
	return func(name string) string { return values[name] }, lookup
}

// zone is what decides how a process tells the time of day.
type zone struct {
	name  string
	given bool
	local string // the machine's own, while none is given
}

func zoneOf(lookup func(string) (string, bool)) zone {
	name, given := lookup("TZ")
	if given {
		return zone{name: name, given: true}
	}
	var s syscall.Stat_t
	err := syscall.Stat("/etc/localtime", &s)
	if errors.Is(err, fs.ErrNotExist) {
		return zone{}
	}
	return zone{local: fmt.Sprint(err, s.Dev, s.Ino, s.Mtim, s.Ctim)}
}
