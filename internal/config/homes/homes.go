// Package homes tells where a home is, and where in it the daemon listens. It is
// apart from package config so that a program that only has to ask the daemon
// needs none of the settings.
package homes

import "path/filepath"

// Find gives the path of the home of whoever has these variables and stands in the
// folder that here tells: $URATORI_HOME, else uratori in the XDG data home. It is
// empty where no variable names one; an error is that of here.
func Find(getenv func(string) string, here func() (string, error)) (string, error) {
	if dir := getenv("URATORI_HOME"); dir != "" {
		if filepath.IsAbs(dir) {
			return filepath.Clean(dir), nil
		}
		folder, err := here()
		if err != nil {
			return "", err
		}
		return filepath.Join(folder, dir), nil
	}
	if data := getenv("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "uratori"), nil
	}
	if user := getenv("HOME"); filepath.IsAbs(user) {
		return filepath.Join(user, ".local", "share", "uratori"), nil
	}
	return "", nil
}

// Socket is where the daemon of a home listens.
func Socket(home string) string { return filepath.Join(home, "run", "daemon.sock") }
