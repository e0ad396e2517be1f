package install

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"

	"uratori/internal/fault"
)

func project(t *testing.T, files map[string]string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func install(t *testing.T, dir string, e Entry) Plan {
	t.Helper()
	p, err := Install(dir, e)
	if err == nil {
		err = p.Apply()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func uninstall(t *testing.T, dir string) Plan {
	t.Helper()
	p, err := Uninstall(dir)
	if err == nil {
		err = p.Apply()
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func text(t *testing.T, dir, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// tree is everything in a folder.
func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		raw, err := os.ReadFile(path)
		all[strings.TrimPrefix(path, dir+"/")] = string(raw)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

var usual = Entry{Program: "uratori"}

func TestInstall_IntoSettingsOfOthers_AndOutAgain_IsToTheByte(t *testing.T) {
	for name, files := range map[string]map[string]string{
		"nothing":  {},
		"empty":    {ServersFile: "{ }", SettingsFile: "{}"},
		"hollow":   {ServersFile: `{"mcpServers":{}}`, SettingsFile: "{\n  \"hooks\": {\n    \"Stop\": []\n  }\n}\n"},
		"others":   {ServersFile: "{\n\t\"mcpServers\": {\n\t\t\"z\": {\"command\": \"z\", \"n\": 1.50}\n\t}\n}\n", SettingsFile: "{\r\n    \"permissions\": {\"allow\": [\"Bash(ls:*)\"]},\r\n    \"hooks\": {\"Stop\": [{\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}]}]}\r\n}"},
		"one line": {ServersFile: `{"z":1,"mcpServers":{"z":{"command":"z"}}}`, SettingsFile: `{"model":"x","hooks":{"PreToolUse":[{"matcher":"Bash","hooks":[]}]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			dir := project(t, files)
			install(t, dir, usual)
			for _, word := range []string{`"uratori"`, `"mcp"`} {
				if !strings.Contains(text(t, dir, ServersFile), word) {
					t.Error(text(t, dir, ServersFile))
				}
			}
			for _, ev := range events() {
				if strings.Count(text(t, dir, SettingsFile), "uratori hook "+ev.word+`"`) != 1 {
					t.Error(text(t, dir, SettingsFile))
				}
			}
			for file, before := range files {
				if text(t, dir, file+backupEnd) != before {
					t.Errorf("%s: no backup", file)
				}
			}
			before := tree(t, dir)
			if p := install(t, dir, usual); !p.Nothing() {
				t.Errorf("%+v", p)
			}
			if diff := cmp.Diff(before, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
			uninstall(t, dir)
			if diff := cmp.Diff(files, tree(t, dir)); diff != "" {
				t.Error(diff)
			}
			if p := uninstall(t, dir); !p.Nothing() {
				t.Errorf("%+v", p)
			}
		})
	}
}

func TestUninstall_AfterOthersHaveWorkedOnIt_TakesOutOnlyWhatIsOurs(t *testing.T) {
	dir := project(t, map[string]string{SettingsFile: "{\n  \"model\": \"x\"\n}\n"})
	install(t, dir, usual)
	changed := strings.Replace(text(t, dir, SettingsFile), `"model": "x"`, `"model": "y"`, 1)
	changed = strings.Replace(changed, `"Stop": [`, `"Stop": [{"hooks":[{"type":"command","command":"mine"}]},`, 1)
	if err := os.WriteFile(filepath.Join(dir, SettingsFile), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	uninstall(t, dir)
	want := "{\n  \"model\": \"y\",\n  \"hooks\": {\n    \"Stop\": [{\"hooks\":[{\"type\":\"command\",\"command\":\"mine\"}]}\n    ]\n  }\n}\n"
	if diff := cmp.Diff(want, text(t, dir, SettingsFile)); diff != "" {
		t.Error(diff)
	}
}

func TestInstall_OfAnotherPlaceOrVersion_TakesTheOldOnesPlace(t *testing.T) {
	dir := project(t, nil)
	install(t, dir, usual)
	own := strings.Replace(text(t, dir, ServersFile), `"command"`, `"timeout": 60000, "command"`, 1)
	own = strings.Replace(own, `"mcp"`, `"mcp", "--read-only"`, 1)
	if err := os.WriteFile(filepath.Join(dir, ServersFile), []byte(own), 0o600); err != nil {
		t.Fatal(err)
	}
	twice := strings.Replace(text(t, dir, SettingsFile), `"Stop": [`, `"Stop": [{"hooks":[{"type":"command","command":"/old/uratori hook stop"}]},`, 1)
	twice = strings.Replace(twice, `"Bash|Write`, `"Write`, 1)
	if err := os.WriteFile(filepath.Join(dir, SettingsFile), []byte(twice), 0o600); err != nil {
		t.Fatal(err)
	}
	e := Entry{Program: "/opt/it's here/uratori", Home: "/data/$x"}
	install(t, dir, e)
	servers, hooks := text(t, dir, ServersFile), text(t, dir, SettingsFile)
	for _, word := range []string{`"timeout": 60000`, "--read-only", `"/opt/it's here/uratori"`, `"URATORI_HOME": "/data/$x"`} {
		if !strings.Contains(servers, word) {
			t.Errorf("%q: %s", word, servers)
		}
	}
	if strings.Contains(hooks, "/old") || strings.Count(hooks, " hook stop") != 1 || !strings.Contains(hooks, `"Bash|Write`) {
		t.Error(hooks)
	}
	if p := install(t, dir, e); !p.Nothing() {
		t.Errorf("%+v", p)
	}
	install(t, dir, usual) // the usual home again
	if servers := text(t, dir, ServersFile); strings.Contains(servers, "URATORI_HOME") || strings.Contains(servers, "env") {
		t.Error(servers)
	}
}

// What is written is what a shell runs, whatever is in the paths.
func TestLine_IsReadByAShellAsItIsMeant(t *testing.T) {
	for _, dir := range []string{"plain", "with blank", `it's`, `a"b`, "$HOME", "`x`", `back\slash`, "長い", "*?[", "-x", "~", "a;b&c|d>e"} {
		place := filepath.Join(t.TempDir(), dir)
		if err := os.MkdirAll(place, 0o700); err != nil {
			t.Fatal(err)
		}
		script := filepath.Join(place, "uratori")
		if err := os.WriteFile(script, []byte("#!/bin/sh\necho \"$URATORI_HOME|$*\"\n"), 0o700); err != nil { //nolint:gosec // it is run
			t.Fatal(err)
		}
		line := Entry{Program: script, Home: place}.line(events()[3])
		out, err := exec.CommandContext(t.Context(), "sh", "-c", line).CombinedOutput()
		if err != nil || string(out) != place+"|hook stop\n" {
			t.Errorf("%s: %v %s", line, err, out)
		}
		if !isHook(line, "stop") || isHook(line, "session-start") {
			t.Error(line)
		}
	}
	for _, line := range []string{"", "uratori", "uratori hook stop extra", "other hook stop", "uratori hook stop && x", "x=$(y) uratori hook $z", "uratori hook stop; x", "'", "my-uratori hook stop", "uratori hook stop | tee x"} {
		if isHook(line, "stop") {
			t.Error(line)
		}
	}
}

// Whatever is not as it should be is refused, and nothing at all is changed.
func TestInstall_WhatCannotBeTrusted_IsLeftAlone(t *testing.T) {
	outside := t.TempDir()
	for name, make := range map[string]func(t *testing.T) string{
		"comments":     func(t *testing.T) string { return project(t, map[string]string{SettingsFile: "// mine\n{}\n"}) },
		"not JSON":     func(t *testing.T) string { return project(t, map[string]string{ServersFile: "servers: []"}) },
		"empty file":   func(t *testing.T) string { return project(t, map[string]string{ServersFile: ""}) },
		"UTF-16":       func(t *testing.T) string { return project(t, map[string]string{ServersFile: "\xff\xfe{\x00}\x00"}) },
		"list":         func(t *testing.T) string { return project(t, map[string]string{ServersFile: "[]"}) },
		"servers list": func(t *testing.T) string { return project(t, map[string]string{ServersFile: `{"mcpServers":[]}`}) },
		"hooks text":   func(t *testing.T) string { return project(t, map[string]string{SettingsFile: `{"hooks":"x"}`}) },
		"event object": func(t *testing.T) string { return project(t, map[string]string{SettingsFile: `{"hooks":{"Stop":{}}}`}) },
		"twice": func(t *testing.T) string {
			return project(t, map[string]string{SettingsFile: `{"hooks":{},"hooks":{}}`})
		},
		"another server": func(t *testing.T) string {
			return project(t, map[string]string{ServersFile: `{"mcpServers":{"uratori":{"command":"other"}}}`})
		},
		"server text": func(t *testing.T) string {
			return project(t, map[string]string{ServersFile: `{"mcpServers":{"uratori":"x"}}`})
		},
		"huge": func(t *testing.T) string {
			return project(t, map[string]string{ServersFile: `{"a":"` + strings.Repeat("x", longestFile) + `"}`})
		},
		"link out": func(t *testing.T) string {
			dir := project(t, nil)
			symlink(t, outside+"/new.json", dir+"/.mcp.json")
			return dir
		},
		"folder leads out": func(t *testing.T) string {
			dir := project(t, nil)
			symlink(t, outside, dir+"/.claude")
			return dir
		},
		"links in a ring": func(t *testing.T) string {
			dir := project(t, nil)
			symlink(t, ".b", dir+"/.mcp.json")
			symlink(t, ".mcp.json", dir+"/.b")
			return dir
		},
		"folder": func(t *testing.T) string {
			dir := project(t, nil)
			if err := os.Mkdir(dir+"/.mcp.json", 0o700); err != nil {
				t.Fatal(err)
			}
			return dir
		},
		"pipe": func(t *testing.T) string {
			dir := project(t, nil)
			if err := syscall.Mkfifo(dir+"/.mcp.json", 0o600); err != nil {
				t.Fatal(err)
			}
			return dir
		},
		"gone": func(t *testing.T) string { return t.TempDir() + "/gone" },
		"a file": func(t *testing.T) string {
			return project(t, map[string]string{"x": "y"}) + "/x"
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := make(t)
			names, _ := os.ReadDir(dir) // of one that is there
			if p, err := Install(dir, usual); err == nil {
				t.Errorf("%+v", p)
			}
			after, _ := os.ReadDir(dir) // of one that is there
			if len(names) != len(after) {
				t.Errorf("%v %v", names, after)
			}
		})
	}
	if left, err := os.ReadDir(outside); err != nil || len(left) > 0 {
		t.Errorf("%v %v", left, err)
	}
	if _, err := Install(t.TempDir(), Entry{Program: "/x\n/uratori"}); fault.KindOf(err) != fault.Invalid {
		t.Error(err)
	}
}

func symlink(t *testing.T, to, at string) {
	t.Helper()
	if err := os.Symlink(to, at); err != nil {
		t.Fatal(err)
	}
}

// A link within the project is its owner's way of keeping the file elsewhere: the
// file is changed and the link stays.
func TestInstall_LinksWithinTheProject_AreFollowed(t *testing.T) {
	dir := project(t, map[string]string{"config/mcp.json": "{}", "config/claude/x": ""})
	symlink(t, "config/mcp.json", dir+"/.mcp.json")
	symlink(t, "config/claude", dir+"/.claude")
	install(t, dir, usual)
	if !strings.Contains(text(t, dir, "config/mcp.json"), "uratori") || !strings.Contains(text(t, dir, "config/claude/settings.json"), "uratori hook stop") {
		t.Error(tree(t, dir))
	}
	if info, err := os.Lstat(dir + "/.mcp.json"); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Errorf("%v %v", info, err)
	}
	uninstall(t, dir)
	if text(t, dir, "config/mcp.json") != "{}" {
		t.Error(tree(t, dir))
	}
}

func TestApply_AFileThatHasJustChanged_IsLeftAlone(t *testing.T) {
	dir := project(t, map[string]string{ServersFile: "{}"})
	p, err := Install(dir, usual)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, ServersFile), []byte(`{"mine":1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
	if diff := cmp.Diff(map[string]string{ServersFile: `{"mine":1}`}, tree(t, dir)); diff != "" {
		t.Error(diff)
	}
	p, err = Install(dir, usual)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(filepath.Join(dir, ServersFile)); err != nil {
		t.Fatal(err)
	}
	if err := p.Apply(); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
}

// The file keeps its rights, and what a run that was cut short has left does no
// harm.
func TestApply_KeepsRights(t *testing.T) {
	dir := project(t, map[string]string{ServersFile: "{}", ServersFile + ".uratori-new": "half"})
	if err := os.Chmod(filepath.Join(dir, ServersFile), 0o400); err != nil {
		t.Fatal(err)
	}
	install(t, dir, usual)
	if info, err := os.Stat(filepath.Join(dir, ServersFile)); err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	if _, err := os.Stat(filepath.Join(dir, ServersFile+".uratori-new")); err == nil {
		t.Error("the half file is still there")
	}
}
