package house

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// AtTerminal has a person run a prepared command at a terminal of their own,
// and answer each of the questions, when it is asked, with the same line. It
// returns what was on the screen. A question that is not asked is an error.
func AtTerminal(cmd *exec.Cmd, answer string, questions ...string) (string, error) {
	master, slave, err := terminal()
	if err != nil {
		return "", err
	}
	defer master.Close() //nolint:errcheck // nothing is kept in it
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = cmd.Start()
	if err = errors.Join(err, slave.Close()); err != nil {
		return "", err
	}
	var screen bytes.Buffer
	talk := func() error {
		if err := master.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
			return err
		}
		buffer, from := make([]byte, 4096), 0
		for {
			n, err := master.Read(buffer)
			screen.Write(buffer[:n])
			if len(questions) > 0 && strings.Contains(screen.String()[from:], questions[0]) {
				from, questions = screen.Len(), questions[1:]
				if _, err := io.WriteString(master, answer+"\n"); err != nil {
					return err
				}
			}
			if errors.Is(err, syscall.EIO) || errors.Is(err, io.EOF) { // nobody is at the other side any more
				return nil
			}
			if err != nil {
				return err
			}
		}
	}
	if err := talk(); err != nil {
		return screen.String(), errors.Join(err, cmd.Process.Kill(), cmd.Wait())
	}
	err = cmd.Wait()
	if len(questions) > 0 {
		err = errors.Join(err, fmt.Errorf("not asked: %v", questions))
	}
	if err != nil {
		err = fmt.Errorf("%v: %w\n%s", cmd.Args, err, &screen)
	}
	return screen.String(), err
}

// terminal is a person's side of a new terminal, and a program's.
func terminal() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, nil, err
	}
	raw, err := master.SyscallConn()
	if err != nil {
		return nil, nil, errors.Join(err, master.Close())
	}
	var number int
	var refused error
	err = raw.Control(func(fd uintptr) {
		if refused = unix.IoctlSetPointerInt(int(fd), unix.TIOCSPTLCK, 0); refused == nil {
			number, refused = unix.IoctlGetInt(int(fd), unix.TIOCGPTN)
		}
	})
	if err = errors.Join(err, refused); err == nil {
		slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	}
	if err != nil {
		return nil, nil, errors.Join(err, master.Close())
	}
	return master, slave, nil
}
