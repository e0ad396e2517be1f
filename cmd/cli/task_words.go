package cli

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"uratori/internal/config"
	"uratori/internal/fault"
)

// order is what the words of `enqueue` and `run` say beside the flags.
type order struct {
	ticket, name string
	command      []string
	dash         bool // whether -- said where the command begins
}

// A ticket stands where a name could: upper case, as prefixes are in the
// settings, and a number. What only looks like one is a mistake.
var (
	ticketForm = regexp.MustCompile(`^[A-Z][A-Z0-9]*-[0-9]+$`)
	ticketLike = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]*?)[-_‐‑–—−ー－]?[0-9０-９]+$`)
)

// readOrder reads the words before and after --. Flags between them go to
// flags, which must not be interspersed; args are what it left over so far.
//
//	[TICKET] [NAME] -- COMMAND…
//	NAME COMMAND…               the old habit: only flags right behind NAME are ours
func (a *app) readOrder(flags *pflag.FlagSet, args []string, prefix string) (o order, err error) {
	var words []string
	for flags.ArgsLenAtDash() < 0 && len(args) > 0 {
		if len(words) == 1 && !slices.Contains(args, "--") {
			break // the command begins here
		}
		words = append(words, args[0])
		if err := flags.Parse(args[1:]); err != nil {
			return o, flagFault(err)
		}
		args = flags.Args()
	}
	o.dash, o.command = flags.ArgsLenAtDash() >= 0, args
	if len(words) > 0 && ticketForm.MatchString(words[0]) {
		o.ticket, words = words[0], words[1:]
	}
	items, err := flags.GetStringArray("items")
	if err != nil {
		return o, err
	}
	for i, word := range slices.Concat(words, args[:min(1, len(args))]) {
		if i < len(words) && len(items) > 0 && a.isFile(word) || (i < len(words) || !o.dash) && expanded(items, word) {
			return o, fault.New(fault.Invalid, "cli.enqueue.unquoted", "word", inline(short(word)))
		}
	}
	switch {
	case o.ticket != "" && !o.dash && len(args) > 0:
		return o, fault.New(fault.Invalid, "cli.enqueue.dash", "ticket", o.ticket, "word", inline(short(args[0])))
	case len(words) > 1:
		return o, fault.New(fault.Invalid, "cli.enqueue.words", "words", inline(short(strings.Join(words, " "))))
	case len(words) == 0:
		return o, nil
	case strings.TrimSpace(words[0]) == "":
		// An empty variable of a script is neither a ticket nor a name.
		return o, fault.New(fault.Invalid, "cli.enqueue.empty_word")
	}
	o.name = words[0]
	if m := ticketLike.FindStringSubmatch(o.name); m != nil && strings.EqualFold(m[1], prefix) && o.ticket == "" {
		return o, fault.New(fault.Invalid, "cli.enqueue.ticket_like", "word", inline(o.name), "prefix", prefix)
	}
	return o, nil
}

// isFile tells a file that the shell made of a pattern from a name.
func (a *app) isFile(word string) bool {
	info, err := os.Stat(a.file(word))
	return strings.Contains(word, "/") || err == nil && info.Mode().IsRegular()
}

// expanded tells whether word is of the same kind as an item that is no
// pattern, so that the shell has probably made both of one.
func expanded(items []string, word string) bool {
	return slices.ContainsFunc(items, func(item string) bool {
		return !strings.ContainsAny(item, "*?[") && filepath.Ext(item) != "" && filepath.Ext(item) == filepath.Ext(word) && filepath.Dir(item) == filepath.Dir(word)
	})
}

// prefix is how tickets of this home begin. Settings that cannot be read are
// the daemon's to complain of.
func (a *app) prefix() string {
	home, err := a.home()
	if err != nil {
		return ""
	}
	settings, err := config.Load(home, a.environ)
	if err != nil {
		return ""
	}
	return settings.Tracker.Prefix
}
