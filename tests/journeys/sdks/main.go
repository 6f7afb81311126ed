// Sends the event of the standard input with the official SDK of Go: go run . URL MODE
package main

import (
	"context"
	"encoding/json"
	"log"
	"os"

	cloudevents "github.com/cloudevents/sdk-go/v2"
)

func main() {
	event := cloudevents.NewEvent()
	if err := json.NewDecoder(os.Stdin).Decode(&event); err != nil {
		log.Fatal(err)
	}
	client, err := cloudevents.NewClientHTTP(cloudevents.WithTarget(os.Args[1]))
	if err != nil {
		log.Fatal(err)
	}
	encoding := cloudevents.WithEncodingBinary
	if os.Args[2] == "structured" {
		encoding = cloudevents.WithEncodingStructured
	}
	if result := client.Send(encoding(context.Background()), event); !cloudevents.IsACK(result) {
		log.Fatal(result)
	}
}
