// A relying party made with go-oidc and golang.org/x/oauth2. It prints where to send the browser,
// is told where the browser came back, and prints what it learned.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

type wanted struct {
	Issuer        string   `json:"issuer"`
	ClientID      string   `json:"client_id"`
	ClientSecret  string   `json:"client_secret"`
	RedirectURI   string   `json:"redirect_uri"`
	Scopes        []string `json:"scopes"`
	ServiceID     string   `json:"service_id"`
	ServiceSecret string   `json:"service_secret"`
}

type said map[string]any

var lines = bufio.NewScanner(os.Stdin)

func main() {
	lines.Buffer(nil, 1<<20)
	var party wanted
	must(json.Unmarshal([]byte(read()), &party))
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, party.Issuer)
	must(err)
	signIn(ctx, party, provider)
	act(ctx, party, provider)
}

// signIn goes the code flow: every check of the library is left on.
func signIn(ctx context.Context, party wanted, provider *oidc.Provider) {
	config := oauth2.Config{
		ClientID: party.ClientID, ClientSecret: party.ClientSecret,
		Endpoint: provider.Endpoint(), RedirectURL: party.RedirectURI, Scopes: party.Scopes,
	}
	verifier := oauth2.GenerateVerifier()
	state, nonce := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
	say(said{"authorize": config.AuthCodeURL(
		state, oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier))})
	back, err := url.Parse(read())
	must(err)
	if back.Query().Get("state") != state {
		panic("another state came back")
	}
	tokens, err := config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
	must(err)
	raw, _ := tokens.Extra("id_token").(string)
	id, err := provider.Verifier(&oidc.Config{ClientID: party.ClientID}).Verify(ctx, raw)
	must(err)
	if id.Nonce != nonce {
		panic("another nonce came back")
	}
	must(id.VerifyAccessToken(tokens.AccessToken))
	profile, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(tokens))
	must(err)
	renewed, err := config.TokenSource(ctx, &oauth2.Token{RefreshToken: tokens.RefreshToken}).Token()
	must(err)
	again, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(renewed))
	must(err)
	_, replayed := config.Exchange(ctx, back.Query().Get("code"), oauth2.VerifierOption(verifier))
	say(said{
		"subject": id.Subject, "issuer": id.Issuer, "email": profile.Email,
		"again": again.Subject, "rotated": renewed.RefreshToken != tokens.RefreshToken,
		"refused": errorOf(replayed),
	})
}

// act gets a token for a service.
func act(ctx context.Context, party wanted, provider *oidc.Provider) {
	config := clientcredentials.Config{
		ClientID: party.ServiceID, ClientSecret: party.ServiceSecret,
		TokenURL: provider.Endpoint().TokenURL, Scopes: []string{"reports:read"},
		AuthStyle: oauth2.AuthStyleInHeader,
	}
	token, err := config.Token(ctx)
	must(err)
	config.Scopes = []string{"no:such"}
	_, refused := config.Token(ctx)
	say(said{"type": token.TokenType, "scope": token.Extra("scope"), "refused": errorOf(refused)})
}

func errorOf(err error) string {
	if refusal, ok := err.(*oauth2.RetrieveError); ok {
		return refusal.ErrorCode
	}
	return fmt.Sprint(err)
}

func read() string {
	if !lines.Scan() {
		panic("nothing more is told")
	}
	return lines.Text()
}

func say(what said) {
	must(json.NewEncoder(os.Stdout).Encode(what))
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}
