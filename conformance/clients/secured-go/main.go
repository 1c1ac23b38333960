// One client over one kind of login: produces a record and reads it back, or is refused.
//
//	PROGRAM LIBRARY PORT WAY KEYS TOKEN
//
// Ends with 0 when a record came back, with 3 when the client was refused, with 1 for anything else.
package main

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"time"
)

const (
	topic   = "secured"
	refused = 3
	limit   = 30 * time.Second
	patient = 8 * time.Second
)

// Login is a user with its password; none where a certificate or a token has to do.
type Login struct{ mechanism, user, password string }

var logins = map[string]Login{
	"plain":          {"PLAIN", "alice", "alice-secret"},
	"scram-256":      {"SCRAM-SHA-256", "alice", "alice-secret"},
	"scram-512":      {"SCRAM-SHA-512", "alice", "alice-secret"},
	"wrong-password": {"SCRAM-SHA-256", "alice", "guess"},
	"unknown-user":   {"PLAIN", "nobody", "guess"},
}

// Way is how a client makes itself known.
type Way struct {
	bootstrap string
	login     *Login
	token     string
	tls       *tls.Config
}

func main() {
	library, port, name, keys, token := os.Args[1], os.Args[2], os.Args[3], os.Args[4], os.Args[5]
	way := Way{bootstrap: "localhost:" + port}
	if login, isLogin := logins[name]; isLogin {
		way.login = &login
	}
	if name == "oauth" || name == "oauth-bad" {
		way.token = token
	} else {
		way.tls = tlsOf(keys, name, way.login == nil)
	}
	value := fmt.Sprintf("%s-%d", name, time.Now().UnixNano())
	run := map[string]func(Way, string) int{"franz-go": franz, "kafka-go": segmentio}[library]
	os.Exit(run(way, value))
}

func tlsOf(keys, name string, mayShow bool) *tls.Config {
	pem, err := os.ReadFile(keys + "/ca.pem")
	must(err)
	trusted := x509.NewCertPool()
	trusted.AppendCertsFromPEM(pem)
	config := &tls.Config{RootCAs: trusted}
	if mayShow && name != "no-certificate" {
		pair, err := tls.LoadX509KeyPair(keys+"/"+name+".pem", keys+"/"+name+".key")
		must(err)
		config.Certificates = []tls.Certificate{pair}
	}
	return config
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func refusedBy(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return refused
}
