package capture

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// ListInterfaces returns the interfaces of this network namespace.
func ListInterfaces() ([]InterfaceInfo, error) {
	ifs, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	denied := MayCapture()
	list := []InterfaceInfo{}
	for _, ifi := range ifs {
		i := InterfaceInfo{Name: ifi.Name, MTU: ifi.MTU, MAC: ifi.HardwareAddr.String(), Addresses: []string{}}
		addrs, _ := ifi.Addrs()
		for _, a := range addrs {
			i.Addresses = append(i.Addresses, a.String())
		}
		switch {
		case ifi.Flags&net.FlagUp == 0:
			i.State = "down"
		case ifi.Flags&net.FlagRunning == 0:
			i.State = "no carrier"
		default:
			i.State = "up"
		}
		i.Kind, i.Missing = kindOf(&ifi, denied)
		if link, err := os.Readlink(filepath.Join(sysNet, ifi.Name, "device", "driver")); err == nil {
			i.Driver = filepath.Base(link)
		}
		list = append(list, i)
	}
	return list, nil
}

// findInterface returns the interface of that name; without one the error is ErrNoInterface.
func findInterface(name string) (*net.Interface, error) {
	ifi, err := net.InterfaceByName(name)
	if err == nil {
		return ifi, nil
	}
	if _, cannot := net.Interfaces(); cannot != nil { // as where sockets of AF_NETLINK are not allowed
		return nil, fmt.Errorf("looking for the interface: %w", cannot)
	}
	return nil, ErrNoInterface
}

const sysNet = "/sys/class/net"

// kindOf says what kind of frames an interface has, and what keeps them from being captured.
func kindOf(ifi *net.Interface, denied error) (kind, missing string) {
	hardware := -1
	if text, err := os.ReadFile(filepath.Join(sysNet, ifi.Name, "type")); err == nil {
		hardware, _ = strconv.Atoi(strings.TrimSpace(string(text)))
	} else if ifi.Flags&net.FlagLoopback != 0 {
		hardware = unix.ARPHRD_LOOPBACK
	} else if len(ifi.HardwareAddr) == 6 { // another namespace than /sys shows
		hardware = unix.ARPHRD_ETHER
	}
	typ, ok := linkOf(hardware)
	switch {
	case hardware == unix.ARPHRD_LOOPBACK:
		kind = "loopback"
	case ok:
		kind = typ.String()
	default:
		kind = fmt.Sprintf("type %d", hardware)
		missing = "a way to read its frames"
	}
	switch {
	case missing != "":
	case denied != nil:
		missing = "CAP_NET_RAW"
	case ifi.Flags&net.FlagUp == 0:
		missing = "it is down"
	}
	return kind, missing
}

// MayCapture returns why this process may not capture packets, or nil.
func MayCapture() error {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("opening a packet socket: %w", err)
	}
	return unix.Close(fd)
}
