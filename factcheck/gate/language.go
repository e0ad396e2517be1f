package gate

import (
	"maps"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"uratori/factcheck"
	"uratori/internal/fault"
)

// How long a look may take when a gate does not say. Pictures are decoded
// whole, which takes some 30 ms each.
const (
	usualLook    = time.Minute
	usualDecode  = 15 * time.Minute
	usualCommand = 10 * time.Minute
	usualRequest = 10 * time.Second
)

// Kinds are the types of claims that a gate may have, in the order of the
// alphabet.
func Kinds() []string { return slices.Sorted(maps.Keys(languages())) }

// languages knows how the options of each type are read: what is read is kept,
// and filled in as often as needed.
func languages() map[string]func(*options) func(*filler) factcheck.Claim {
	return map[string]func(*options) func(*filler) factcheck.Claim{
		KindFile: readFile, KindImages: readImages, KindCount: readCount, KindCommand: readCommand, KindReport: readReport,
		KindCommit: readCommit, KindGone: readGone, KindHTTP: readHTTP, KindNoMatch: readNoMatch, KindTask: readTask,
		KindApproval: readApproval, KindCell: readCell, KindWrites: readWrites, KindFrozen: readFrozen,
	}
}

func readFile(o *options) func(*filler) factcheck.Claim {
	o.subjectPath()
	absent := !o.flag("exists", true)
	folder := o.oneOf("filetype", "file", "directory") == "directory"
	count, size := o.bounds("min", "max", 1), o.nested("size")
	content, sum, newer := o.content(), strings.ToLower(o.text("sha256")), o.newer()
	limit := o.limit(usualLook)
	if sum != "" && !regexp.MustCompile(`^[0-9a-f]{64}$`).MatchString(sum) {
		o.refuse("sha256", o.values["sha256"].value, fault.New(fault.Invalid, "gate.want.sha256"))
	}
	for _, key := range o.order {
		alone := []string{"exists", "timeout"}
		if folder {
			alone = append(alone, "filetype", "min", "max")
		}
		if (absent || folder) && !slices.Contains(alone, key) {
			o.refuse(key, o.values[key].at, fault.New(fault.Invalid, "gate.want.alone", "allowed", strings.Join(alone, ", ")))
		}
	}
	return func(f *filler) factcheck.Claim {
		at := f.patterns([]string{f.item.subject})
		return File{
			Common: f.common(named(at), limit), At: at, Absent: absent, Folder: folder, Count: count, Size: size,
			Text: f.content(content), SHA256: sum, Newer: f.newer(newer),
		}
	}
}

func readImages(o *options) func(*filler) factcheck.Claim {
	o.subjectPath()
	c := Images{
		Count: o.bounds("min", "max", 1), Width: o.bounds("min_width", "max_width", 1), Height: o.bounds("min_height", "max_height", 1),
		Format: o.oneOf("format", "png", "jpeg", "gif", "webp", "bmp", "tiff"), NotBlank: o.flag("not_blank", false),
	}
	newer, limit := o.newer(), o.limit(usualDecode)
	return func(f *filler) factcheck.Claim {
		c := c
		c.At = f.patterns([]string{f.item.subject})
		c.Common, c.Newer = f.common(named(c.At), limit), f.newer(newer)
		return c
	}
}

func readCount(o *options) func(*filler) factcheck.Claim {
	left, right := o.pathTexts("left"), o.pathTexts("right")
	least, empty, limit := o.number("min", 1), o.flag("allow_empty", false), o.limit(usualLook)
	for _, key := range []string{"left", "right"} {
		if !o.has(key) {
			o.lack(key)
		}
	}
	if empty && least != nil {
		o.refuse("allow_empty", o.values["allow_empty"].value, fault.New(fault.Invalid, "gate.want.alone", "allowed", "left, right, allow_empty, timeout"))
	}
	c := Count{Min: 1, AllowEmpty: empty}
	if least != nil {
		c.Min = *least
	} else if empty {
		c.Min = 0
	}
	return func(f *filler) factcheck.Claim {
		c := c
		c.Common, c.Left, c.Right = f.common(shown(f.say(f.item.subject)), limit), f.patterns(left), f.patterns(right)
		return c
	}
}

func readCommand(o *options) func(*filler) factcheck.Claim {
	argv, dir := o.texts("exec"), o.pathTexts("cwd")
	status := o.numberOr("exit_status", 0, 0)
	stdout, stderr, inputs := o.output("stdout"), o.output("stderr"), o.pathTexts("inputs")
	env, limit := o.environment("env"), o.limit(usualCommand)
	if len(argv) == 0 {
		o.lack("exec")
	}
	if len(dir) > 1 {
		o.refuse("cwd", o.values["cwd"].value, fault.New(fault.Invalid, "gate.want.text"))
	}
	if status > 255 {
		o.refuse("exit_status", o.values["exit_status"].value, fault.New(fault.Invalid, "gate.want.status"))
	}
	if err := shellString(argv); err != nil {
		o.refuse("exec", o.values["exec"].value, err)
	}
	return func(f *filler) factcheck.Claim {
		c := &Command{
			Common: f.common(shown(f.say(f.item.subject)), limit), Exec: f.words(argv), Dir: Pattern{Glob: "."}, Env: map[string]string{},
			ExitStatus: int(status), Stdout: f.content(stdout), Stderr: f.content(stderr), Inputs: f.patterns(inputs),
		}
		for key, value := range env {
			c.Env[key] = f.say(value)
		}
		if len(dir) > 0 {
			c.Dir = f.pattern(dir[0])
		} else if f.scope.Root == "" {
			f.fail(fault.New(fault.Unavailable, "gate.no_root", "path", "."))
		}
		if err := shellString(c.Exec); err != nil {
			f.fail(err)
		}
		if f.err == nil {
			f.commands[f.item.subject] = c
		}
		return c
	}
}

// shellString refuses a command that hands a text to a shell: its exit status
// is that of the last thing in it that the shell looked at.
func shellString(argv []string) error {
	shells := []string{"sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "csh", "tcsh"}
	for i, word := range argv[:max(0, len(argv)-1)] {
		next := argv[i+1]
		if slices.Contains(shells, path.Base(word)) && strings.HasPrefix(next, "-") && !strings.HasPrefix(next, "--") && strings.Contains(next, "c") {
			return fault.New(fault.Invalid, "gate.want.argv", "word", shown(word+" "+next))
		}
	}
	return nil
}

// environment reads variables.
func (o *options) environment(key string) map[string]string {
	n, ok := o.ask(key)
	if !ok {
		return nil
	}
	pairs, err := mapping(n, o.name, key)
	if err != nil {
		o.refuse(key, n, fault.New(fault.Invalid, "gate.want.variables"))
	}
	env := map[string]string{}
	for _, p := range pairs {
		if !regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`).MatchString(p.key) {
			o.refuse(key, p.at, fault.New(fault.Invalid, "gate.want.variables"))
		}
		env[p.key] = o.textOf(key, p.value)
	}
	return env
}

func readReport(o *options) func(*filler) factcheck.Claim {
	at, command := o.pathTexts("path"), o.text("command")
	o.command = command
	least, skipped, newer, limit := o.numberOr("min_tests", 1, 1), o.number("max_skipped", 0), o.newer(), o.limit(usualLook)
	if len(at) > 1 {
		o.refuse("path", o.values["path"].value, fault.New(fault.Invalid, "gate.want.text"))
	}
	return func(f *filler) factcheck.Claim {
		c := &Report{
			Common: f.common(shown(f.say(f.item.subject)), limit), MinTests: least, MaxSkipped: skipped, Newer: f.newer(newer),
			Command: f.commands[f.item.command], Made: &Made{},
		}
		if len(at) > 0 {
			found := f.patterns(at)
			if len(found) != 1 {
				f.fail(fault.New(fault.Invalid, "gate.many_values", "name", "test_report", "text", shown(at[0])))
				return c
			}
			if c.At = found[0]; f.err == nil {
				if _, one := c.At.Literal(); !one {
					f.fail(fault.New(fault.Invalid, "gate.bad_path", "path", shown(c.At.String())))
				}
			}
		}
		if c.Command == nil {
			f.fail(fault.New(fault.Unavailable, "gate.no_run", "command", shown(f.item.command)))
			return c
		}
		if f.err == nil {
			c.Command.Reports = append(c.Command.Reports, c)
		}
		return c
	}
}

func readCommit(o *options) func(*filler) factcheck.Claim {
	branch, commit, after := o.text("branch"), strings.ToLower(o.text("commit")), o.moment("after")
	contains, clean, limit := o.pathTexts("contains"), o.flag("clean", false), o.limit(usualLook)
	if commit != "" && !regexp.MustCompile(`^[0-9a-f]{7,64}$`).MatchString(commit) {
		o.refuse("commit", o.values["commit"].value, fault.New(fault.Invalid, "gate.want.commit"))
	}
	if branch == "" {
		branch = "HEAD"
	}
	if strings.HasPrefix(branch, "-") || strings.ContainsAny(branch, " ~^:?*[\\{}@\n") || strings.Contains(branch, "..") {
		o.refuse("branch", o.values["branch"].value, fault.New(fault.Invalid, "gate.want.branch"))
	}
	return func(f *filler) factcheck.Claim {
		c := Commit{Common: f.common(shown(f.say(f.item.subject)), limit), Branch: branch, Commit: commit, After: f.moment(after), Clean: clean}
		for _, p := range f.patterns(contains) {
			if p.Workspace {
				f.fail(fault.New(fault.Invalid, "gate.not_in_project", "path", shown(p.String())))
			}
			c.Contains = append(c.Contains, p.Glob)
		}
		if f.scope.Root == "" {
			f.fail(fault.New(fault.Unavailable, "gate.no_root", "path", "."))
		}
		return c
	}
}

func readGone(o *options) func(*filler) factcheck.Claim {
	pid, start, boot, limit := o.number("pid", 1), o.number("start_ticks", 1), o.text("boot_id"), o.limit(usualLook)
	if pid == nil {
		o.lack("pid")
		pid = new(int64)
	}
	if *pid > 1<<22 {
		o.refuse("pid", o.values["pid"].value, fault.New(fault.Invalid, "gate.want.number", "least", 1))
	}
	c := Gone{PID: int(*pid), Boot: boot}
	if start != nil {
		c.Start = uint64(*start) //nolint:gosec // at least 1
	}
	return func(f *filler) factcheck.Claim {
		c := c
		c.Common = f.common(shown(f.say(f.item.subject)), limit)
		return c
	}
}

func readHTTP(o *options) func(*filler) factcheck.Claim {
	if u, err := url.Parse(o.subject); err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil {
		o.refuse("url", nil, fault.New(fault.Invalid, "gate.want.url", "text", shown(o.subject)))
	}
	status := o.numberOr("status", 100, 200)
	content, limit := o.content(), o.limit(usualRequest)
	if status > 599 {
		o.refuse("status", o.values["status"].value, fault.New(fault.Invalid, "gate.want.http_status"))
	}
	return func(f *filler) factcheck.Claim {
		address := f.say(f.item.subject)
		return HTTP{Common: f.common(shown(address), limit), URL: address, Status: int(status), Text: f.content(content)}
	}
}

func readNoMatch(o *options) func(*filler) factcheck.Claim {
	under, match := o.pathTexts("under"), o.texts("match")
	recursive, since, message, limit := o.flag("recursive", false), o.moment("since"), o.text("message"), o.limit(usualLook)
	if len(match) == 0 {
		o.lack("match")
	}
	if !o.has("since") {
		o.lack("since")
	}
	if len(under) == 0 {
		under = []string{"."}
	}
	if len(under) > 1 {
		o.refuse("under", o.values["under"].value, fault.New(fault.Invalid, "gate.want.text"))
	}
	for _, m := range match {
		if err := checkPath(m); err != nil || strings.Contains(m, "/") || strings.Contains(m, "{root}") || strings.Contains(m, workspacePrefix) {
			o.refuse("match", o.values["match"].value, fault.New(fault.Invalid, "gate.want.name"))
		}
	}
	return func(f *filler) factcheck.Claim {
		c := NoMatch{
			Common: f.common(shown(f.say(f.item.subject)), limit), Under: f.pattern(under[0]), Match: f.names(match),
			Recursive: recursive, Since: f.moment(since), Message: message,
		}
		if _, one := c.Under.Literal(); !one && f.err == nil {
			f.fail(fault.New(fault.Invalid, "gate.bad_path", "path", shown(c.Under.String())))
		}
		return c
	}
}

func readTask(o *options) func(*filler) factcheck.Claim {
	o.oneOf("state", "succeeded")
	id, least, after, limit := o.number("id", 1), o.numberOr("min_items", 0, 0), o.moment("after"), o.limit(usualDecode)
	return func(f *filler) factcheck.Claim {
		c := Task{Common: f.common(shown(f.say(f.item.subject)), limit), Task: f.say(f.item.subject), MinItems: least, After: f.moment(after)}
		if id != nil {
			c.ID = *id
		}
		return c
	}
}

func readApproval(o *options) func(*filler) factcheck.Claim {
	digest, limit := o.text("digest"), o.limit(usualLook)
	return func(f *filler) factcheck.Claim {
		return Approval{Common: f.common(shown(f.say(f.item.subject)), limit), Step: f.item.subject, Digest: digest}
	}
}

func readCell(o *options) func(*filler) factcheck.Claim {
	equals, notEmpty, content, limit := o.optionalText("equals"), o.flag("not_empty", false), o.content(), o.limit(usualLook)
	if equals == nil && !notEmpty && len(content.contains)+len(content.lacks)+len(content.matches) == 0 {
		o.lack("equals, matches, contains, lacks, not_empty")
	}
	return func(f *filler) factcheck.Claim {
		c := Cell{Common: f.common(shown(f.item.subject), limit), Column: f.item.subject, NotEmpty: notEmpty, Text: f.content(content)}
		if equals != nil {
			filled := f.say(*equals)
			c.Equals = &filled
		}
		return c
	}
}

func readWrites(o *options) func(*filler) factcheck.Claim {
	o.only("all")
	least, after, limit := o.numberOr("min", 1, 1), o.moment("after"), o.limit(usualLook)
	return func(f *filler) factcheck.Claim {
		return Writes{Common: f.common(f.item.subject, limit), Min: least, After: f.moment(after)}
	}
}

func readFrozen(o *options) func(*filler) factcheck.Claim {
	limit := o.limit(usualLook)
	return func(f *filler) factcheck.Claim {
		c := Frozen{Common: f.common(shown(f.say(f.item.subject)), limit), Files: f.scope.Frozen}
		if len(c.Files) == 0 {
			f.fail(fault.New(fault.Unavailable, "gate.nothing_frozen"))
		}
		return c
	}
}
