package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"uratori/internal/fault"
	"uratori/internal/phrase"
)

// With is a copy of c with these values, as it would be if they stood in the
// file; where is told as their place. A value that a variable of the
// environment overrides is refused, since it would have no effect.
func (c *Config) With(where string, environ []string, values map[string]string) (*Config, error) {
	with, known := *c, 0
	with.origins = maps.Clone(c.origins)
	for _, s := range table() {
		value, ok := values[s.key]
		if !ok {
			continue
		}
		known++
		if name := overriding(s, environ, value); name != "" {
			return nil, fault.New(fault.Conflict, "config.edit_overridden", "key", s.key, "variable", name)
		}
		if err := with.assign(s, value, where); err != nil {
			return nil, err
		}
	}
	if known != len(values) {
		return nil, fmt.Errorf("unknown settings among %v", slices.Sorted(maps.Keys(values))) // a fault of the caller
	}
	if err := with.checkTogether(); err != nil {
		return nil, err
	}
	return &with, with.findCredentials(environ)
}

// overriding is the variable that sets s to something else than value.
func overriding(s setting, environ []string, value string) string {
	set := variables(environ)
	for _, name := range []string{generic(s), s.variable} {
		if have := set[name]; name != "" && have != "" {
			if have == value {
				return ""
			}
			return name
		}
	}
	return ""
}

// Edit sets texts in config.toml and leaves everything else there as it is:
// comments, order, quoting, line ends, rights, and the link that it may be. A
// missing file begins as the template in lang.
//
// A key is changed where it stands; else the line of the template that shows
// its default is made to hold; else a line is added to its section. Before the
// new text takes the place of the old one it is read as [Load] would: nothing
// is written unless it gives exactly these values and no other changes.
//
// Errors are faults: as of Load and With, of kind Conflict when somebody else
// changed the file meanwhile, Failed when it cannot be written or holds the
// section in a form that is not edited; that one names the lines to add.
func Edit(ctx context.Context, home Home, lang phrase.Lang, environ []string, values map[string]string) error {
	if len(values) == 0 {
		return nil
	}
	if err := home.Create(); err != nil {
		return err
	}
	unlock, err := home.lockSettings(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	old, err := home.read()
	if err != nil {
		return err
	}
	c, err := old.load(home, environ)
	if err != nil {
		return err
	}
	if _, err := c.With(escaped(home.Config()), environ, values); err != nil {
		return err
	}
	before := old
	if old.raw == nil {
		before = file{[]byte(Template(lang)), 0o600}
	}
	after := file{edited(before.raw, values), before.mode}
	if !gives(home, before, after, values) {
		return fault.New(fault.Failed, "config.edit_by_hand", "file", escaped(home.Config()), "lines", byHand(values))
	}
	if _, err := after.load(home, environ); err != nil {
		return err
	}
	if bytes.Equal(old.raw, after.raw) {
		return nil
	}
	return home.replaceSettings(old, after)
}

// edited is raw with the values set, where there is a place for them.
func edited(raw []byte, values map[string]string) []byte {
	text, marked := bytes.CutPrefix(raw, []byte(byteOrderMark))
	for _, s := range slices.Backward(table()) { // what is added comes above what was added before
		if value, ok := values[s.key]; ok {
			text = newSpots(text, s, value).apply()
		}
	}
	if marked {
		text = append([]byte(byteOrderMark), text...)
	}
	return text
}

// gives tells whether after says what before does, but for values.
func gives(home Home, before, after file, values map[string]string) bool {
	settings := table()
	want, err := fromFile(home, settings, before)
	if err != nil {
		return false
	}
	for _, s := range settings {
		if value, ok := values[s.key]; ok && want.assign(s, value, home.Config()) != nil {
			return false
		}
	}
	have, err := fromFile(home, settings, after)
	return err == nil && maps.Equal(want.texts(settings), have.texts(settings))
}

// texts are the settings that were set at all.
func (c *Config) texts(settings []setting) map[string]string {
	texts := map[string]string{}
	for _, s := range settings {
		if c.origins[s.key] == "" {
			continue
		}
		texts[s.key] = s.field(c).show()
		if k, ok := s.field(c).(secretKind); ok {
			texts[s.key] = k.p.Reveal()
		}
	}
	return texts
}

// byHand are the lines that a person would write. Secrets are not repeated.
func byHand(values map[string]string) string {
	var lines []string
	for _, s := range table() {
		value, ok := values[s.key]
		if ok && s.secret {
			value = masked
		}
		if ok {
			lines = append(lines, s.key+" = "+strconv.Quote(value))
		}
	}
	return strings.Join(lines, "\n")
}

// lockSettings keeps other edits out until unlock.
func (h Home) lockSettings(ctx context.Context) (unlock func(), err error) {
	f, err := os.OpenFile(h.join("run", "config.lock"), os.O_RDWR|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, h.Explain(err)
	}
	unlock = func() { _ = f.Close() } // gives the lock back
	again := time.NewTicker(10 * time.Millisecond)
	defer again.Stop()
	for {
		// Not waiting in the call, which ctx could not end.
		err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		switch {
		case err == nil:
			return unlock, nil
		case !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR):
			unlock()
			return nil, h.Explain(err)
		}
		select {
		case <-ctx.Done():
			unlock()
			return nil, fault.New(fault.Conflict, "config.edit_raced", "file", escaped(h.Config())).Wrap(ctx.Err())
		case <-again.C:
		}
	}
}

// replaceSettings puts the new text in the place of the old one: a reader
// sees either whole, also after a power failure. The lock is held.
func (h Home) replaceSettings(old, text file) (err error) {
	failed := func(err error) error {
		if e, ok := errors.AsType[*fs.PathError](err); ok {
			err = e.Err // without the path as it is
		}
		return fault.New(fault.Failed, "config.edit_failed", "file", escaped(h.Config())).Wrap(err)
	}
	path := h.Config()
	if old.raw != nil {
		if path, err = filepath.EvalSymlinks(path); err != nil {
			return failed(err)
		}
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".config.toml.*")
	if err != nil {
		return failed(err)
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name()) // what keeps it there is no news after the first error
		}
	}()
	_, err = f.Write(text.raw)
	if err := errors.Join(err, f.Chmod(text.mode.Perm()), f.Sync(), f.Close()); err != nil {
		return failed(err)
	}
	// An editor asks for no lock.
	now, err := h.read()
	if err != nil {
		return err
	}
	if !bytes.Equal(now.raw, old.raw) {
		return fault.New(fault.Conflict, "config.edit_raced", "file", escaped(h.Config()))
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return failed(err)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return failed(err)
	}
	if err := errors.Join(dir.Sync(), dir.Close()); err != nil {
		return failed(err)
	}
	return nil
}
