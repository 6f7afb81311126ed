// Verifies a log with tools that are not ours: `go run . URL POLICY RECEIPT...` tells how many entries it has read.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log"
	"os"

	"filippo.io/torchwood"
	"golang.org/x/mod/sumdb/tlog"
)

func main() {
	ctx := context.Background()
	policy, err := torchwood.ParsePolicy(read(os.Args[2]))
	check(err)
	fetcher, err := torchwood.NewTileFetcher(os.Args[1])
	check(err)
	signed, err := fetcher.ReadEndpoint(ctx, "checkpoint")
	check(err)
	checkpoint, _, err := torchwood.VerifyCheckpoint(signed, policy)
	check(err)

	client, err := torchwood.NewClient(fetcher)
	check(err)
	entries, digest := 0, sha256.New()
	for _, entry := range client.AllEntries(ctx, checkpoint.Tree, 0) {
		entries++
		digest.Write(entry)
	}
	check(client.Err())

	for _, file := range os.Args[3:] {
		receipt := read(file)
		entry, err := torchwood.ProofExtraData(receipt)
		check(err)
		check(torchwood.VerifyProof(policy, tlog.RecordHash(entry), receipt))
	}
	fmt.Printf("%d entries of %d, %x, %d receipts\n", entries, checkpoint.N, digest.Sum(nil), len(os.Args)-3)
}

func read(file string) []byte {
	found, err := os.ReadFile(file)
	check(err)
	return found
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
