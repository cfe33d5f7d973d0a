// Command app says of each page which lasting identifier it has, as a web server.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"github.com/google/uuid"
)

func main() {
	ending, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	server := &http.Server{Addr: ":" + os.Getenv("PORT"), Handler: http.HandlerFunc(answer)}
	go func() {
		<-ending.Done()
		server.Shutdown(context.Background())
	}()
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

func answer(to http.ResponseWriter, request *http.Request) {
	fmt.Fprint(to, uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://example.org"+request.URL.Path)))
}
