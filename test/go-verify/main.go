// Command go-verify checks an exported ledger, and receipts from it, with Go's own transparency log library, and the
// cosignatures of its witnesses with transparency.dev's: code that shares nothing with Chirograph.
// Usage: go-verify FOLDER [RECEIPT...]
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	cosignatures "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // c2sp.org/tlog-tiles: 256 hashes to a tile

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("usage: go-verify FOLDER [RECEIPT...]")
	}
	folder := os.Args[1]
	signers := readSigners(folder)
	tree := openCheckpoint(read(folder, "checkpoint"), signers)
	entries := readEntries(folder, tree.N)
	verifyTree(folder, tree, entries)
	for _, receipt := range os.Args[2:] {
		verifyReceipt(receipt, signers, entries)
	}
	fmt.Printf("ok: %d entries, %d cosignatures, %d receipts\n", tree.N, len(signers)-1, len(os.Args)-2)
}

// readSigners gives the verifiers of the log, and of each witness that the folder names.
func readSigners(folder string) []note.Verifier {
	verifier, err := note.NewVerifier(strings.TrimSuffix(string(read(folder, "vkey")), "\n"))
	check(err)
	signers := []note.Verifier{verifier}
	witnesses, err := os.ReadFile(filepath.Join(folder, "witnesses"))
	if errors.Is(err, fs.ErrNotExist) {
		return signers
	}
	check(err)
	for _, vkey := range strings.Split(strings.TrimSuffix(string(witnesses), "\n"), "\n") {
		witness, err := cosignatures.NewVerifierForCosignatureV1(vkey)
		check(err)
		signers = append(signers, witness)
	}
	return signers
}

// openCheckpoint opens a checkpoint that the log and every witness have signed, and nobody else.
func openCheckpoint(signed []byte, signers []note.Verifier) tlog.Tree {
	opened, err := note.Open(signed, note.VerifierList(signers...))
	check(err)
	if len(opened.Sigs) != len(signers) || len(opened.UnverifiedSigs) > 0 {
		log.Fatalf("%d of %d signed, and %d others", len(opened.Sigs), len(signers), len(opened.UnverifiedSigs))
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != signers[0].Name() {
		log.Fatalf("not a checkpoint of %s: %q", signers[0].Name(), opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err)
	root, err := tlog.ParseHash(lines[2])
	check(err)
	return tlog.Tree{N: size, Hash: root}
}

func readEntries(folder string, size int64) [][]byte {
	var entries [][]byte
	for _, tile := range tlog.NewTiles(height, 0, size) {
		if tile.L != 0 {
			continue
		}
		tile.L = -1 // Go's level for the entries themselves
		data := read(folder, tilePath(tile))
		for len(data) > 0 {
			length := int(binary.BigEndian.Uint16(data))
			entries = append(entries, data[2:2+length])
			data = data[2+length:]
		}
	}
	if int64(len(entries)) != size {
		log.Fatalf("%d entries, the checkpoint says %d", len(entries), size)
	}
	return entries
}

func verifyTree(folder string, tree tlog.Tree, entries [][]byte) {
	var stored []tlog.Hash
	memory := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			hashes[i] = stored[index]
		}
		return hashes, nil
	})
	for n, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(n), entry, memory)
		check(err)
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(tree.N, memory)
	check(err)
	if root != tree.Hash {
		log.Fatalf("the entries give %v, the checkpoint says %v", root, tree.Hash)
	}

	for _, tile := range tlog.NewTiles(height, 0, tree.N) {
		data, err := tlog.ReadTileData(tile, memory)
		check(err)
		if !bytes.Equal(data, read(folder, tilePath(tile))) {
			log.Fatalf("%s is not what the entries give", tilePath(tile))
		}
	}

	// The same by the tiles alone, as somebody would who fetches only what a proof needs.
	tiles := tlog.TileHashReader(tree, tileReader{folder})
	step := 1 + tree.N/50
	for n := int64(0); n < tree.N; n += step {
		proof, err := tlog.ProveRecord(tree.N, n, tiles)
		check(err)
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, n, tlog.RecordHash(entries[n])))
		older, err := tlog.TreeHash(n+1, memory)
		check(err)
		grown, err := tlog.ProveTree(tree.N, n+1, tiles)
		check(err)
		check(tlog.CheckTree(grown, tree.N, tree.Hash, n+1, older))
	}
}

// verifyReceipt checks a c2sp.org/tlog-proof file, and that its entry is in the log where it says.
func verifyReceipt(path string, signers []note.Verifier, entries [][]byte) {
	data, err := os.ReadFile(path)
	check(err)
	head, checkpoint, found := strings.Cut(string(data), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 3 || lines[0] != "c2sp.org/tlog-proof@v1" {
		log.Fatalf("%s is not a receipt", path)
	}
	entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
	check(err)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64)
	check(err)
	var proof tlog.RecordProof
	for _, line := range lines[3:] {
		hash, err := tlog.ParseHash(line)
		check(err)
		proof = append(proof, hash)
	}
	tree := openCheckpoint([]byte(checkpoint), signers)
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)))
	if !bytes.Equal(entries[index], entry) {
		log.Fatalf("%s: the log has another entry at %d", path, index)
	}
}

type tileReader struct{ folder string }

func (r tileReader) Height() int                     { return height }
func (r tileReader) SaveTiles([]tlog.Tile, [][]byte) {}
func (r tileReader) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data[i] = read(r.folder, tilePath(tile))
	}
	return data, nil
}

// tilePath is Go's path without its height, and "entries" for its "data".
func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", height))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

func read(folder, path string) []byte {
	data, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(path)))
	check(err)
	return data
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
