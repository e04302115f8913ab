// client-go's leader election as its users run it: so many members, each with a client of its own, campaign for so many
// Leases, with client-go's recommended times. Says "started" once all of them do.
//
//	client-go <folder> <members> <namespaces> <seconds>
//
// The folder holds a kubeconfig member-<n>.yaml for each member, counted from 0. The program ends after the seconds, at
// SIGTERM, or with its standard input, and releases what it leads.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	coordination "k8s.io/client-go/kubernetes/typed/coordination/v1"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

const (
	leaseDuration = 15 * time.Second
	renewDeadline = 10 * time.Second
	retryPeriod   = 2 * time.Second
	// Between the starts of two members.
	stagger = 100 * time.Millisecond
)

func main() {
	if len(os.Args) != 5 {
		fail(fmt.Errorf("usage: client-go <folder> <members> <namespaces> <seconds>"))
	}
	members, namespaces, seconds := number(os.Args[2]), number(os.Args[3]), number(os.Args[4])
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, time.Duration(seconds)*time.Second)
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()

	var running sync.WaitGroup
	for member := range members {
		client, kubeNamespace := connect(filepath.Join(os.Args[1], fmt.Sprintf("member-%d.yaml", member)))
		for at := range namespaces {
			lock := &resourcelock.LeaseLock{
				LeaseMeta:  metav1.ObjectMeta{Name: fmt.Sprintf("client-go-ns-%d", at), Namespace: kubeNamespace},
				Client:     client,
				LockConfig: resourcelock.ResourceLockConfig{Identity: fmt.Sprintf("member-%d", member)},
			}
			running.Go(func() { campaign(ctx, lock) })
		}
		time.Sleep(stagger)
	}
	fmt.Println("started")
	running.Wait()
}

func campaign(ctx context.Context, lock resourcelock.Interface) {
	leaderelection.RunOrDie(ctx, leaderelection.LeaderElectionConfig{
		Lock:            lock,
		LeaseDuration:   leaseDuration,
		RenewDeadline:   renewDeadline,
		RetryPeriod:     retryPeriod,
		ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) {},
			OnStoppedLeading: func() {},
		},
	})
}

// Without client-go's own limit of 5 requests a second: a member that leads 50 Leases needs 25.
func connect(file string) (*coordination.CoordinationV1Client, string) {
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(
		&clientcmd.ClientConfigLoadingRules{ExplicitPath: file}, nil)
	config, err := loader.ClientConfig()
	if err != nil {
		fail(err)
	}
	namespace, _, err := loader.Namespace()
	if err != nil {
		fail(err)
	}
	config.QPS = -1
	config.Timeout = renewDeadline / 2
	client, err := coordination.NewForConfig(config)
	if err != nil {
		fail(err)
	}
	return client, namespace
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		fail(err)
	}
	return value
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
