//go:build !cgo

package gpu

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == probeWord {
		if err := Serve(context.Background(), os.Args[3]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestProbe_BuiltWithoutCgo_SaysSo(t *testing.T) {
	p := New(Options{Libraries: []string{"libm.so.6", "libnvidia-ml.so.1"}, Now: time.Now, Log: slog.New(slog.DiscardHandler)})
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	var running sync.WaitGroup
	running.Go(func() { _ = p.Run(ctx) })
	s, err := p.Sample(ctx)
	if len(s.Devices) != 0 || !errors.Is(err, ErrNotBuilt) || !Absent(err) || p.State().Phase != NoGPU {
		t.Errorf("%v %+v", err, p.State())
	}
	cancel()
	running.Wait()
}
