//go:build !linux || !cgo

package gpu

// openDriver of a binary that was built without cgo, as a static one is.
func openDriver(string) (driver, *refusal) { return nil, &refusal{Kind: notBuilt} }
