// One static binary that is a real API server for tests: kube-apiserver with an etcd in the same process.
// Its flags are kube-apiserver's own; the first two arguments are the folder for etcd's data and etcd's client port.
// It ends when its standard input does, so that it cannot outlive the test that started it.
package main

import (
	"fmt"
	"io"
	"net/url"
	"os"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() {
	if len(os.Args) < 3 {
		fail("usage: kube-apiserver DATA-FOLDER ETCD-PORT [kube-apiserver flags]")
	}
	go endWithStdin()
	store := startEtcd(os.Args[1], os.Args[2])
	command := app.NewAPIServerCommand()
	command.SetArgs(append([]string{"--etcd-servers=" + store.String()}, os.Args[3:]...))
	os.Exit(cli.Run(command))
}

// A test that is killed can stop nothing any more, but the kernel closes its end of the pipe.
func endWithStdin() {
	io.Copy(io.Discard, os.Stdin)
	fail("standard input ended")
}

// etcd must outlive the API server: one that has lost its store ignores SIGTERM. So nothing here stops etcd; the process's end
// does, and its write-ahead log is what a crash would leave too.
func startEtcd(folder, port string) url.URL {
	client := url.URL{Scheme: "http", Host: "127.0.0.1:" + port}
	peer := url.URL{Scheme: "http", Host: "127.0.0.1:0"}
	config := embed.NewConfig()
	config.Name = "dromedary"
	config.Dir = folder
	config.LogLevel = "error"
	config.ListenClientUrls = []url.URL{client}
	config.AdvertiseClientUrls = []url.URL{client}
	config.ListenPeerUrls = []url.URL{peer}
	config.AdvertisePeerUrls = []url.URL{peer}
	config.InitialCluster = config.Name + "=" + peer.String()
	server, err := embed.StartEtcd(config)
	if err != nil {
		fail("etcd: " + err.Error())
	}
	select {
	case <-server.Server.ReadyNotify():
		return client
	case err := <-server.Err():
		fail("etcd: " + err.Error())
	case <-time.After(60 * time.Second):
		fail("etcd was not ready after 60 s")
	}
	panic("unreachable")
}

func fail(reason string) {
	fmt.Fprintln(os.Stderr, reason)
	os.Exit(1)
}
