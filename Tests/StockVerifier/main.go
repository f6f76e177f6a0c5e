// The stock verifier: checks an exported Aurora audit log with golang.org/x/mod's note and tlog packages only.
//
// Usage: verifier FOLDER VKEY [PROOF-FILE ENTRY-FILE]...
// It checks the checkpoint's signature, every entry's inclusion, the consistency of every tenth of the log with the
// whole, and the given .tlog-proof files. It shares no code with Aurora. Exit code 0 and "verified N" only if all holds.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func fail(format string, arguments ...interface{}) {
	fmt.Printf("REFUSED: "+format+"\n", arguments...)
	os.Exit(1)
}

func check(err error, what string) {
	if err != nil {
		fail("%s: %v", what, err)
	}
}

// parseCheckpoint opens the note and reads the three lines; tlog.ParseTree accepts only the Go checksum database.
func parseCheckpoint(data []byte, verifier note.Verifier) tlog.Tree {
	opened, err := note.Open(data, note.VerifierList(verifier))
	check(err, "checkpoint")
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() {
		fail("checkpoint text %q", opened.Text)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "size")
	hash, err := tlog.ParseHash(lines[2])
	check(err, "root")
	return tlog.Tree{N: size, Hash: hash}
}

// folder reads tiles of an exported log; tlog authenticates each against the tree before using it.
type folder struct{ path string }

func (f folder) Height() int                     { return 8 }
func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}
func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range tiles {
		// tlog names tiles tile/8/L/N, C2SP tile/L/N.
		name := strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
		data, err := os.ReadFile(filepath.Join(f.path, name))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func readEntries(path string, size int64) [][]byte {
	var entries [][]byte
	for n := int64(0); n*256 < size; n++ {
		width := size - n*256
		if width > 256 {
			width = 256
		}
		tile := tlog.Tile{H: 8, L: -1, N: n, W: int(width)}
		name := strings.Replace(tile.Path(), "tile/8/data/", "tile/entries/", 1)
		data, err := os.ReadFile(filepath.Join(path, name))
		check(err, "bundle")
		for count := int64(0); count < width; count++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				fail("bundle %d is short", n)
			}
			length := int(binary.BigEndian.Uint16(data))
			entries = append(entries, data[2:2+length])
			data = data[2+length:]
		}
		if len(data) != 0 {
			fail("bundle %d is long", n)
		}
	}
	return entries
}

// ownHashes computes all hashes of the log from its entries alone.
func ownHashes(entries [][]byte) tlog.HashReader {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		var hashes []tlog.Hash
		for _, index := range indexes {
			hashes = append(hashes, stored[index])
		}
		return hashes, nil
	})
	for number, entry := range entries {
		hashes, err := tlog.StoredHashes(int64(number), entry, reader)
		check(err, "hashes")
		stored = append(stored, hashes...)
	}
	return reader
}

func checkProof(proofFile, entryFile string, verifier note.Verifier) {
	data, err := os.ReadFile(proofFile)
	check(err, "proof")
	entry, err := os.ReadFile(entryFile)
	check(err, "entry")
	parts := bytes.SplitN(data, []byte("\n\n"), 2)
	lines := strings.Split(string(parts[0]), "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" || !strings.HasPrefix(lines[1], "index ") {
		fail("proof head %q", lines)
	}
	index, err := strconv.ParseInt(lines[1][6:], 10, 64)
	check(err, "index")
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		raw, err := base64.StdEncoding.DecodeString(line)
		check(err, "hash")
		var hash tlog.Hash
		copy(hash[:], raw)
		proof = append(proof, hash)
	}
	tree := parseCheckpoint(parts[1], verifier)
	check(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(entry)), "proof of one entry")
}

func main() {
	path, vkey := os.Args[1], os.Args[2]
	verifier, err := note.NewVerifier(vkey)
	check(err, "verifier key")
	data, err := os.ReadFile(filepath.Join(path, "checkpoint"))
	check(err, "checkpoint")
	tree := parseCheckpoint(data, verifier)
	entries := readEntries(path, tree.N)
	own := ownHashes(entries)
	root, err := tlog.TreeHash(tree.N, own)
	check(err, "root")
	if root != tree.Hash {
		fail("the entries do not give the root")
	}
	tiles := tlog.TileHashReader(tree, folder{path})
	for number, entry := range entries {
		proof, err := tlog.ProveRecord(tree.N, int64(number), tiles)
		check(err, "inclusion proof")
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, int64(number), tlog.RecordHash(entry)), "inclusion")
	}
	for tenth := int64(1); tenth <= 10 && tree.N >= 10; tenth++ {
		old := tree.N * tenth / 10
		oldRoot, err := tlog.TreeHash(old, own)
		check(err, "old root")
		proof, err := tlog.ProveTree(tree.N, old, tiles)
		check(err, "consistency proof")
		check(tlog.CheckTree(proof, tree.N, tree.Hash, old, oldRoot), "consistency")
	}
	for place := 3; place+1 < len(os.Args); place += 2 {
		checkProof(os.Args[place], os.Args[place+1], verifier)
	}
	fmt.Printf("verified %d\n", tree.N)
}
