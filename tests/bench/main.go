// Command bench measures what the documentation promises about speed, each
// figure beside its floor or its limit from the same run, and prints one
// table. With -o the table is written to a file too; with -only some of the
// parts are run, which is no table for a document.
package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"
)

// row is one line of the table.
type row struct {
	what, ours, floor, ratio, wanted string
	met                              bool
}

// bench is what a measurement needs.
type bench struct {
	program string // the large program by itself
	front   string // the small one with it inside, as it is installed
	dir     string // for homes and files, removed at the end
}

func main() {
	out := flag.String("o", "", "write the table to this Markdown file too")
	only := flag.String("only", "", "run only the parts whose name matches this regular `expression`")
	large := flag.String("read", "", "only read the large table of this store; used by the bench itself")
	flag.Parse()
	work := func() error { return run(context.Background(), *only, *out) }
	if *large != "" {
		work = func() error { return readLarge(context.Background(), *large) }
	}
	if err := work(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// part is a measurement that can be run by itself.
type part struct {
	name    string
	measure func(context.Context) ([]row, error)
}

// parts are all of them, in the order of the table.
func (b *bench) parts() []part {
	return []part{
		{"commands", b.commands},
		{"start", b.coldStart},
		{"rest", b.atRest},
		{"ledger", b.ledger},
		{"write", b.oneWrite},
		{"burst", b.burst},
		{"large", b.largeTable},
		{"tickets", b.tickets},
		{"quota", b.quota},
		{"tasks", b.tasks},
		{"keepers", b.keepers},
		{"million", b.million},
		{"alarms", b.alarms},
		{"pass", b.pass},
		{"day", b.day},
		{"mcp", b.mcp},
		{"pages", b.pages},
	}
}

// chosen are the parts whose name matches.
func (b *bench) chosen(only string) (some []part, err error) {
	match, err := regexp.Compile(only)
	if err != nil {
		return nil, fmt.Errorf("-only: %w", err)
	}
	var names []string
	for _, p := range b.parts() {
		if names = append(names, p.name); match.MatchString(p.name) {
			some = append(some, p)
		}
	}
	if len(some) == 0 {
		return nil, fmt.Errorf("-only %s: no part is called that; there are %s", only, strings.Join(names, ", "))
	}
	return some, nil
}

func run(ctx context.Context, only, out string) (err error) {
	if only != "" && out != "" {
		return errors.New("-only and -o: the figures of a document are of one run; leave one of them away")
	}
	dir, err := os.MkdirTemp("", "uratori-bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{program: filepath.Join(dir, "uratori"), front: filepath.Join(dir, "front"), dir: dir}
	parts, err := b.chosen(only)
	if err != nil {
		return err
	}
	build := exec.CommandContext(ctx, "scripts/build", b.front, "./cmd/front")
	build.Env = append(os.Environ(), "WHOLE="+b.program)
	if words, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("build: %w\n%s", err, words)
	}
	var rows []row
	for _, p := range parts {
		r, err := p.measure(ctx)
		if err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
		rows = append(rows, r...)
	}
	var table bytes.Buffer
	write(&table, rows)
	fmt.Print(table.String())
	if out == "" {
		return nil
	}
	return os.WriteFile(out, append([]byte(head()), table.Bytes()...), 0o644) //nolint:gosec // documentation is for everybody
}

func write(w io.Writer, rows []row) {
	fmt.Fprintln(w, "| what | measured | beside | ratio | wanted | |")
	fmt.Fprintln(w, "|---|---|---|---|---|---|")
	for _, r := range rows {
		met := "met"
		if !r.met {
			met = "**missed**"
		}
		fmt.Fprintf(w, "| %s | %s | %s | %s | %s | %s |\n", r.what, r.ours, r.floor, r.ratio, r.wanted, met)
	}
}

func head() string {
	return fmt.Sprintf(`# Performance

Written by `+"`go run ./tests/bench -o docs/performance.md`"+` on %s: %s, %d cores, Linux %s, %s.
`+"`make bench`"+` prints the same table for your machine, `+"`make bench BENCH='-only quota'`"+` a part of it. Times of different machines say little; each figure stands
beside its floor from the same run. Commits are durable (WAL, synchronous=FULL): the disk of this machine answers a
flush in well under a millisecond, yours may take several.

`, time.Now().Format(time.DateOnly), cpu(), runtime.NumCPU(), kernel(), runtime.Version())
}

func cpu() string {
	raw, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return "unknown processor"
	}
	for line := range strings.Lines(string(raw)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown processor"
}

func kernel() string {
	raw, err := os.ReadFile("/proc/sys/kernel/osrelease")
	if err != nil {
		return "?"
	}
	return strings.TrimSpace(string(raw))
}

func median[T cmp.Ordered](d []T) T {
	slices.Sort(d)
	return d[len(d)/2]
}

func ms(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// home is an environment with an own home.
func (b *bench) home(name string) (dir string, env []string) {
	dir = filepath.Join(b.dir, name)
	return dir, append(os.Environ(), "URATORI_HOME="+dir, "URATORI_SERVER_LISTEN=127.0.0.1:0", "XDG_CACHE_HOME="+filepath.Join(b.dir, "cache"))
}

// call runs the binary and returns its wall time.
func (b *bench) call(ctx context.Context, env []string, args ...string) (time.Duration, error) {
	return wall(ctx, b.program, env, args...)
}

// door runs the program that people call and returns its wall time.
func (b *bench) door(ctx context.Context, env []string, args ...string) (time.Duration, error) {
	return wall(ctx, b.front, env, args...)
}

func wall(ctx context.Context, program string, env []string, args ...string) (time.Duration, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = env
	began := time.Now()
	words, err := cmd.CombinedOutput()
	took := time.Since(began)
	if err != nil {
		return 0, fmt.Errorf("uratori %s: %w\n%s", strings.Join(args, " "), err, words)
	}
	return took, nil
}
