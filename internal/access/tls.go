package access

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
)

// TLS returns the settings of a listener with a certificate and its key from files. With
// clientCA, the file of certificates that sign those of clients, clients must
// show one unless optional; they may also come without, and with a token.
func TLS(certFile, keyFile, clientCA string, optional bool) (*tls.Config, error) {
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return nil, fmt.Errorf("certificate: %w", err)
	}
	c := &tls.Config{Certificates: []tls.Certificate{cert}, MinVersion: tls.VersionTLS12}
	if clientCA == "" {
		return c, nil
	}
	text, err := os.ReadFile(clientCA)
	if err != nil {
		return nil, err
	}
	c.ClientCAs = x509.NewCertPool()
	if !c.ClientCAs.AppendCertsFromPEM(text) {
		return nil, errors.New(clientCA + ": no certificate in it")
	}
	c.ClientAuth = tls.RequireAndVerifyClientCert
	if optional {
		c.ClientAuth = tls.VerifyClientCertIfGiven
	}
	return c, nil
}
