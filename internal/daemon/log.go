package daemon

import (
	"io"
	"log/slog"
	"path/filepath"
	"strings"

	"github.com/DeRuina/timberjack"
	"github.com/lmittmann/tint"

	"uratori/internal/config"
)

// The log keeps some weeks of a busy daemon in at most this much space.
const (
	logMegabytes = 10 // of one file
	logFiles     = 5  // older ones, compressed
)

// OpenLog is the daemon's log: JSON lines in a rotating file below home and,
// when console is not nil, readable lines there too. Secrets of c are blotted
// out of both. Close the closer after the last line.
func OpenLog(c *config.Config, console io.Writer, color bool) (*slog.Logger, io.Closer) {
	file := &timberjack.Logger{
		Filename:    filepath.Join(c.Home.Logs(), "daemon.log"),
		MaxSize:     logMegabytes,
		MaxBackups:  logFiles,
		FileMode:    0o600,
		LocalTime:   true,
		Compression: "gzip",
	}
	blot := blotter(redactor(c))
	var handler slog.Handler = slog.NewJSONHandler(file, &slog.HandlerOptions{ReplaceAttr: blot})
	if console != nil {
		handler = slog.NewMultiHandler(handler,
			tint.NewTextHandler(console, &tint.Options{ReplaceAttr: blot, NoColor: !color, TimeFormat: "15:04:05"}))
	}
	return slog.New(handler), file
}

// redactor replaces the secrets of c in any text.
func redactor(c *config.Config) *strings.Replacer {
	var pairs []string
	for _, s := range c.Secrets() {
		pairs = append(pairs, s.Reveal(), "***")
	}
	return strings.NewReplacer(pairs...)
}

func blotter(r *strings.Replacer) func([]string, slog.Attr) slog.Attr {
	return func(_ []string, a slog.Attr) slog.Attr {
		switch v := a.Value.Any().(type) {
		case string:
			a.Value = slog.StringValue(r.Replace(v))
		case error:
			a.Value = slog.StringValue(r.Replace(v.Error()))
		}
		return a
	}
}
