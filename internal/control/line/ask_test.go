package line

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/google/go-cmp/cmp"
)

// serve answers at a socket of its own.
func serve(t *testing.T, answer http.HandlerFunc) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket) //nolint:noctx // nothing is waited for
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewUnstartedServer(answer)
	_ = server.Listener.Close() // ours is a socket
	server.Listener = l
	server.Start()
	t.Cleanup(server.Close)
	return socket
}

func ask(t *testing.T, socket string, l Line) (Answer, error) {
	t.Helper()
	a, err := Ask(socket, l)
	if err != nil {
		return Answer{}, err
	}
	defer a.Close() //nolint:errcheck // all was read
	return a.Answer()
}

func TestAsk_TheLineArrives_AndItsAnswerComesBack_ToTheByte(t *testing.T) {
	t.Parallel()
	given := Line{Version: "1", Args: []string{"enqueue", "--", "日本語", "", "\n\x01"}, Environ: []string{"A=b"}, Key: NewKey(), At: time.Now().Round(0)}
	want := Answer{Parts: []Part{{Text: []byte("a\xff\x00")}, {Error: true, Text: []byte(strings.Repeat("x", 1<<20))}}, Status: 3}
	socket := serve(t, func(w http.ResponseWriter, r *http.Request) {
		var l Line
		if err := json.UnmarshalRead(r.Body, &l); err != nil || r.URL.Path != Path || !cmp.Equal(l, given) {
			t.Errorf("%s: %+v, %v", r.URL, l, err)
		}
		_ = json.MarshalWrite(w, want)
	})
	if a, err := ask(t, socket, given); err != nil || !reflect.DeepEqual(a, want) {
		t.Errorf("%+.200v, %v", a, err)
	}
}

func TestAsk_WhatIsNoWholeAnswer_IsAnError(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"nothing":            "",
		"another protocol":   "SSH-2.0-x 200\r\n\r\n{}",
		"a refusal":          "HTTP/1.0 409 Conflict\r\n\r\n{}",
		"cut in the head":    "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n",
		"cut in the body":    "HTTP/1.0 200 OK\r\nContent-Length: 30\r\n\r\n{\"status\":0}",
		"cut, of no length":  "HTTP/1.0 200 OK\r\n\r\n{\"status\":0",
		"in pieces":          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nc\r\n{\"status\":0}\r\n0\r\n\r\n",
		"a length of nobody": "HTTP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n{\"status\":0}",
		"another's members":  "HTTP/1.0 200 OK\r\n\r\n{\"code\":0}",
	} {
		socket := serve(t, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			conn, _, err := http.NewResponseController(w).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = io.WriteString(conn, answer)
			_ = conn.Close()
		})
		if a, err := ask(t, socket, Line{}); err == nil {
			t.Errorf("%s: %+v", name, a)
		}
	}
	if _, err := ask(t, filepath.Join(t.TempDir(), "none"), Line{}); err == nil {
		t.Error("nobody answers")
	}
	if _, err := ask(t, "/"+strings.Repeat("x", 200), Line{}); err == nil {
		t.Error("no such address")
	}
	if _, err := ask(t, "/", Line{Args: []string{"\xff"}}); err == nil {
		t.Error("no text")
	}
}

// One who gives up is still told what became of the line, as by the whole program.
func TestGiveUp_EndsTheLineInTheDaemon_WhichStillAnswers(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	socket := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		close(begun)
		<-r.Context().Done()
		_ = json.MarshalWrite(w, Answer{Status: 3})
	})
	asking, err := Ask(socket, Line{})
	if err != nil {
		t.Fatal(err)
	}
	defer asking.Close() //nolint:errcheck // all was read
	given := make(chan struct{})
	go func() {
		<-begun
		asking.GiveUp()
		close(given)
	}()
	if a, err := asking.Answer(); err != nil || a.Status != 3 {
		t.Errorf("%+v, %v", a, err)
	}
	<-given
}

func TestGiveUp_ADaemonThatSaysNothing_IsWaitedForASecond(t *testing.T) {
	t.Parallel()
	socket := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket) //nolint:noctx // nothing is waited for
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // nobody was accepted
	asking, err := Ask(socket, Line{})
	if err != nil {
		t.Fatal(err)
	}
	defer asking.Close() //nolint:errcheck // nothing came
	given := make(chan struct{})
	go func() { asking.GiveUp(); close(given) }()
	began := time.Now()
	_, err = asking.Answer()
	if took := time.Since(began); err == nil || errors.Is(err, io.EOF) && took < lastWords || took > answerLimit/2 {
		t.Errorf("after %v: %v", took, err)
	}
	<-given
}
