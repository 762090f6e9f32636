//go:build !linux

package capture

import "errors"

// ListInterfaces returns the interfaces, on Linux.
func ListInterfaces() ([]InterfaceInfo, error) { return nil, MayCapture() }

// MayCapture returns why this process may not capture packets.
func MayCapture() error { return errors.New("live capture needs Linux") }
