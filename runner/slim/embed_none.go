//go:build !slim || !(amd64 || arm64)

package slim

// A build by `go build` alone has nothing embedded.
func embedded() (program, digest string) { return "", "" }
