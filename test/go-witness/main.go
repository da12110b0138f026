// Command go-witness lets the public transparency ecosystem's own code (Tessera, and Go's sumdb) meet our witness and our
// log: code that shares nothing with Chirograph.
//
// "log FOLDER WITNESS_VKEY WITNESS_URL COUNT..." is a log by Tessera, whose key comes on its input. It grows by each count,
// publishes a checkpoint, only where the witness cosigned it, and says it as a line of JSON. The folder's name is in its
// entries.
//
// "witness LOG_VKEY" is a witness: it says its verifier key and its address, and goes when its input is closed.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/transparency-dev/tessera"
	"github.com/transparency-dev/tessera/storage/posix"
	"golang.org/x/mod/sumdb/note"
)

func main() {
	log.SetFlags(0)
	switch {
	case len(os.Args) >= 6 && os.Args[1] == "log":
		runLog(os.Args[2], os.Args[3], os.Args[4], os.Args[5:])
	case len(os.Args) == 3 && os.Args[1] == "witness":
		serveWitness(os.Args[2])
	default:
		log.Fatal("usage: go-witness log FOLDER WITNESS_VKEY WITNESS_URL COUNT..., or go-witness witness LOG_VKEY")
	}
}

func runLog(folder, witnessVkey, witnessURL string, counts []string) {
	ctx := context.Background()
	skey, err := io.ReadAll(os.Stdin)
	check(err)
	signer, err := note.NewSigner(strings.TrimSpace(string(skey)))
	check(err)
	policy := fmt.Sprintf("witness w %s %s\nquorum w\n", witnessVkey, witnessURL)
	group, err := tessera.NewWitnessGroupFromPolicy([]byte(policy))
	check(err)
	driver, err := posix.New(ctx, posix.Config{Path: folder})
	check(err)
	options := tessera.NewAppendOptions().
		WithCheckpointSigner(signer).
		WithBatching(256, 10*time.Millisecond).
		WithCheckpointInterval(100*time.Millisecond).
		WithWitnesses(group, &tessera.WitnessOptions{Timeout: 10 * time.Second})
	appender, shutdown, reader, err := tessera.NewAppender(ctx, driver, options)
	check(err)
	published := tessera.NewPublicationAwaiter(ctx, reader.ReadCheckpoint, 20*time.Millisecond)
	for _, text := range counts {
		count, err := strconv.Atoi(text)
		check(err)
		var last tessera.IndexFuture
		for n := range count {
			last = appender.Add(ctx, tessera.NewEntry(fmt.Appendf(nil, "%s %d", filepath.Base(folder), n)))
		}
		_, checkpoint, err := published.Await(ctx, last)
		check(err)
		check(json.NewEncoder(os.Stdout).Encode(string(checkpoint)))
	}
	check(shutdown(ctx))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
