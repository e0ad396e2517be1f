// Package gputest gives tests GPUs that do what the test says: a real
// libnvidia-ml.so.1, built by gcc, that is loaded with dlopen as NVIDIA's would
// be and reads its answers from a text file at every call.
//
//	gpus := gputest.New(t)
//	gpus.Set("0.temperature", 84)
//	gpus.Xid(0, 79)
//	gpus.Set("hang", "nvmlDeviceGetTemperature") // until gpus.Unset("hang")
//
// Keys of the machine: count (of GPUs, 1 unless set), driver, nvml, cuda.
//
// Keys of GPU 0, likewise of all others: 0.name, 0.uuid, 0.bus, 0.memory.total,
// 0.memory.used, 0.memory.reserved (bytes); 0.temperature, 0.slowdown,
// 0.shutdown (°C); 0.utilisation, 0.utilisation.memory, 0.fan (%); 0.power,
// 0.power.limit (mW); 0.throttle (bits); 0.ecc; 0.rows ("correctable,
// uncorrectable,pending,failed", without blanks); 0.processes, 0.graphics, 0.mps
// ("pid:bytes,pid:?", the question mark for unknown); 0.events (bits). Memory,
// name and identity have a value anyway, the others are not supported until they
// are set. 0.mig is the number of MIG devices, which have keys 0.mig.0.memory.used
// and so on.
//
// Misbehaviour: 0.lost is the NVML code that every call about GPU 0 returns (15:
// lost). fail.FUNCTION and 0.fail.FUNCTION make one function return a code. hang,
// crash (SIGSEGV), undefined (call a function that the library lacks), noise and
// complaint (write to standard output or error) name a function, or * for all.
package gputest

import (
	"bytes"
	_ "embed"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

//go:embed testdata/nvml.c
var source []byte

// GPUs is the hardware of one test.
type GPUs struct {
	Library string // the path of libnvidia-ml.so.1
	t       testing.TB
	mu      sync.Mutex
	values  map[string]string
	events  int
}

// New makes a library in the test's folder, of a driver that lacks the functions
// named without.
func New(t testing.TB, without ...string) *GPUs {
	t.Helper()
	g := &GPUs{Library: filepath.Join(t.TempDir(), "libnvidia-ml.so.1"), t: t, values: map[string]string{}}
	code, err := built.library(without)
	if err == nil {
		err = os.WriteFile(g.Library, code, 0o700) //nolint:gosec // a library that is loaded
	}
	if err != nil {
		t.Fatal(err)
	}
	g.write()
	return g
}

// Set makes value what key stands for, from the next call on.
func (g *GPUs) Set(key string, value any) {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.values[key] = fmt.Sprint(value)
	g.write()
}

// Unset takes key away.
func (g *GPUs) Unset(key string) {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.values, key)
	g.write()
}

// Xid lets the driver report an error of a GPU, or of none that it can name (-1).
func (g *GPUs) Xid(gpu, xid int) {
	g.t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	g.events++
	g.values[fmt.Sprintf("event.%d", g.events)] = fmt.Sprintf("%d:%d", gpu, xid)
	g.write()
}

// write replaces the file as a whole, so that no call reads half of it.
func (g *GPUs) write() {
	g.t.Helper()
	var b bytes.Buffer
	for _, key := range slices.Sorted(maps.Keys(g.values)) {
		fmt.Fprintf(&b, "%s=%s\n", key, g.values[key])
	}
	file := g.Library + ".values"
	err := os.WriteFile(file+".part", b.Bytes(), 0o600)
	if err == nil {
		err = os.Rename(file+".part", file)
	}
	if err != nil {
		g.t.Error(err)
	}
}

// built remembers the libraries of this process: gcc takes as long as a test.
var built shelf

type shelf struct {
	mu   sync.Mutex
	made map[string][]byte
}

func (s *shelf) library(without []string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key := strings.Join(without, ",")
	if code, ok := s.made[key]; ok {
		return code, nil
	}
	code, err := build(without)
	if err != nil {
		return nil, err
	}
	if s.made == nil {
		s.made = map[string][]byte{}
	}
	s.made[key] = code
	return code, nil
}

// build compiles the library. A function that it shall lack stays inside, but
// nobody can find it.
func build(without []string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "uratori-nvml-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)                                                                                    //nolint:errcheck // the system's to clean up then
	header, err := exec.Command("go", "list", "-f", "{{.Dir}}", "github.com/NVIDIA/go-nvml/pkg/nvml").Output() //nolint:noctx // a moment
	if err != nil {
		return nil, fmt.Errorf("find nvml.h: %w", err)
	}
	hidden := "{ local: nothing;"
	for _, name := range without {
		hidden += " " + name + ";"
	}
	hidden += " };\n"
	library, code, script := filepath.Join(dir, "nvml.so"), filepath.Join(dir, "nvml.c"), filepath.Join(dir, "hidden")
	for file, text := range map[string][]byte{code: source, script: []byte(hidden)} {
		if err := os.WriteFile(file, text, 0o600); err != nil {
			return nil, err
		}
	}
	gcc := exec.Command("gcc", "-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-I", strings.TrimSpace(string(header)), //nolint:noctx // a moment
		"-Wl,-z,lazy", "-Wl,-soname,libnvidia-ml.so.1", "-Wl,--version-script="+script, "-o", library, code, "-ldl")
	if out, err := gcc.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build the stand-in of libnvidia-ml.so.1: %w\n%s", err, out)
	}
	return os.ReadFile(library)
}
