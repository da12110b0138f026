package main

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"

	checkpoints "github.com/transparency-dev/formats/log"
	cosignatures "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// memory is what the witness cosigned last, which it forgets when it ends.
type memory struct {
	mutex  sync.Mutex
	last   tlog.Tree
	log    note.Verifier
	signer note.Signer
}

func serveWitness(logVkey string) {
	verifier, err := note.NewVerifier(logVkey)
	check(err)
	skey, vkey, err := note.GenerateKey(rand.Reader, "witness.example/go")
	check(err)
	signer, err := cosignatures.NewSignerForCosignatureV1(skey)
	check(err)
	cosigner, err := cosignatures.VKeyToCosignatureV1(vkey)
	check(err)
	held := &memory{log: verifier, signer: signer}
	routes := http.NewServeMux()
	routes.HandleFunc("POST /add-checkpoint", held.addCheckpoint)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(err)
	go func() { check(http.Serve(listener, routes)) }()
	fmt.Printf("%s http://%s/\n", cosigner, listener.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	check(err)
}

// addCheckpoint is what c2sp.org/tlog-witness asks of a witness, with Go's own proofs and signatures.
func (held *memory) addCheckpoint(response http.ResponseWriter, request *http.Request) {
	held.mutex.Lock()
	defer held.mutex.Unlock()
	body, err := io.ReadAll(request.Body)
	check(err)
	head, signed, _ := bytes.Cut(body, []byte("\n\n"))
	var old int64
	lines := strings.Split(string(head), "\n")
	if _, err := fmt.Sscanf(lines[0], "old %d", &old); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	opened, err := note.Open(signed, note.VerifierList(held.log))
	if err != nil {
		http.Error(response, err.Error(), http.StatusForbidden)
		return
	}
	var checkpoint checkpoints.Checkpoint
	if _, err := checkpoint.Unmarshal([]byte(opened.Text)); err != nil {
		http.Error(response, err.Error(), http.StatusBadRequest)
		return
	}
	if old != held.last.N {
		response.Header().Set("Content-Type", "text/x.tlog.size")
		response.WriteHeader(http.StatusConflict)
		fmt.Fprintf(response, "%d\n", held.last.N)
		return
	}
	tree := tlog.Tree{N: int64(checkpoint.Size), Hash: tlog.Hash(checkpoint.Hash)}
	if err := held.leadsOn(tree, lines[1:]); err != nil {
		http.Error(response, err.Error(), http.StatusUnprocessableEntity)
		return
	}
	held.last = tree
	cosigned, err := note.Sign(opened, held.signer)
	check(err)
	_, own, _ := bytes.Cut(cosigned, []byte("\n\n"))
	_, err = response.Write(own[bytes.IndexByte(own, '\n')+1:]) // after the log's signature, which comes first
	check(err)
}

func (held *memory) leadsOn(tree tlog.Tree, lines []string) error {
	var proof tlog.TreeProof
	for _, line := range lines {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return err
		}
		proof = append(proof, tlog.Hash(hash))
	}
	if held.last.N == 0 {
		return nil
	}
	return tlog.CheckTree(proof, tree.N, tree.Hash, held.last.N, held.last.Hash)
}
