// Package browser looks at the pages of the built binary through a real
// Chromium, as people do: it types, clicks and waits for what is to be seen.
//
// A tab is on its guard in every test. A script error, a violation of the
// pages' policy or a request that leaves the origin fails the test, whatever
// it is about; a test that failed leaves a picture of its tab.
package browser

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/chromedp/chromedp"

	"uratori/tests/house"
)

// chromium is Debian's; scripts/setup installs it.
const chromium = "/usr/bin/chromium"

// Set once, by TestMain: the binary, and one Chromium for all tests.
var (
	program string
	engine  context.Context //nolint:containedctx // the browser lives in it, as chromedp has it
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "uratori-browser-")
	if err == nil {
		defer os.RemoveAll(dir) //nolint:errcheck // the system's to clean up then
		program = filepath.Join(dir, "uratori")
		err = errors.Join(there(chromium), house.Build(program, "1.0.0-test"))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(chromium), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserDataDir(filepath.Join(dir, "profile")),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("lang", "en"),
	)
	allocator, stop := chromedp.NewExecAllocator(context.Background(), options...)
	defer stop()
	ctx, end := chromedp.NewContext(allocator)
	defer end()
	engine = ctx
	if err := chromedp.Do(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "start Chromium:", err)
		return 1
	}
	return m.Run()
}

func there(program string) error {
	if _, err := os.Stat(program); err != nil {
		return fmt.Errorf("the pages are looked at with Debian's Chromium: run scripts/setup: %w", err)
	}
	return nil
}
