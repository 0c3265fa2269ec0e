// A relying party made with Nimbus' OAuth 2.0 SDK, which parses every answer strictly. It prints
// where to send the browser, is told where the browser came back, and prints what it learned.
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.oauth2.sdk.*;
import com.nimbusds.oauth2.sdk.auth.*;
import com.nimbusds.oauth2.sdk.http.HTTPResponse;
import com.nimbusds.oauth2.sdk.id.*;
import com.nimbusds.oauth2.sdk.pkce.*;
import com.nimbusds.oauth2.sdk.token.*;
import com.nimbusds.oauth2.sdk.util.JSONObjectUtils;
import com.nimbusds.openid.connect.sdk.*;
import com.nimbusds.openid.connect.sdk.claims.*;
import com.nimbusds.openid.connect.sdk.op.OIDCProviderMetadata;
import com.nimbusds.openid.connect.sdk.token.OIDCTokens;
import com.nimbusds.openid.connect.sdk.validators.*;
import java.io.*;
import java.net.*;
import java.util.*;
import net.minidev.json.JSONObject;

class Party {
    static final BufferedReader LINES = new BufferedReader(new InputStreamReader(System.in));

    public static void main(String[] arguments) throws Exception {
        JSONObject wanted = JSONObjectUtils.parse(LINES.readLine());
        OIDCProviderMetadata issuer =
            OIDCProviderMetadata.resolve(new Issuer(JSONObjectUtils.getString(wanted, "issuer")));
        ClientID id = new ClientID(JSONObjectUtils.getString(wanted, "client_id"));
        ClientAuthentication own =
            new ClientSecretBasic(id, new Secret(JSONObjectUtils.getString(wanted, "client_secret")));
        signIn(issuer, own, JSONObjectUtils.getURI(wanted, "redirect_uri"),
            Scope.parse(JSONObjectUtils.getString(wanted, "scope")));
    }

    static void signIn(
            OIDCProviderMetadata issuer, ClientAuthentication own, URI back, Scope scope)
            throws Exception {
        CodeVerifier verifier = new CodeVerifier();
        State state = new State();
        Nonce nonce = new Nonce();
        AuthenticationRequest request =
            new AuthenticationRequest.Builder(
                    new ResponseType("code"), scope, own.getClientID(), back)
                .endpointURI(issuer.getAuthorizationEndpointURI())
                .state(state).nonce(nonce)
                .codeChallenge(verifier, CodeChallengeMethod.S256)
                .build();
        say("authorize", request.toURI().toString());
        AuthenticationResponse answer = AuthenticationResponseParser.parse(URI.create(LINES.readLine()));
        require(answer.indicatesSuccess(), "the answer is an error");
        require(state.equals(answer.getState()), "another state came back");
        require(issuer.getIssuer().equals(answer.getIssuer()), "another issuer answered");
        AuthorizationCode code = answer.toSuccessResponse().getAuthorizationCode();
        OIDCTokens tokens = redeem(issuer, own, new AuthorizationCodeGrant(code, back, verifier));
        IDTokenClaimsSet claims = new IDTokenValidator(
                issuer.getIssuer(), own.getClientID(), JWSAlgorithm.RS256, issuer.getJWKSetURI().toURL())
            .validate(tokens.getIDToken(), nonce);
        AccessTokenValidator.validate(
            tokens.getAccessToken(), JWSAlgorithm.RS256, claims.getAccessTokenHash());
        OIDCTokens renewed = redeem(issuer, own, new RefreshTokenGrant(tokens.getRefreshToken()));
        UserInfo profile = userInfo(issuer, renewed.getAccessToken());
        boolean active = introspect(issuer, own, renewed.getAccessToken());
        HTTPResponse replayed = new TokenRequest.Builder(
                issuer.getTokenEndpointURI(), own, new AuthorizationCodeGrant(code, back, verifier))
            .build().toHTTPRequest().send();
        say("subject", claims.getSubject().getValue(), "email", profile.getEmailAddress(),
            "again", profile.getSubject().getValue(),
            "active", active,
            "after_the_replay", introspect(issuer, own, renewed.getAccessToken()),
            "refused", TokenErrorResponse.parse(replayed).getErrorObject().getCode());
    }

    static OIDCTokens redeem(OIDCProviderMetadata issuer, ClientAuthentication own, AuthorizationGrant grant)
            throws Exception {
        TokenResponse said = OIDCTokenResponseParser.parse(
            new TokenRequest.Builder(issuer.getTokenEndpointURI(), own, grant)
                .build().toHTTPRequest().send());
        require(said.indicatesSuccess(), said.toHTTPResponse().getBody());
        return ((OIDCTokenResponse) said.toSuccessResponse()).getOIDCTokens();
    }

    static UserInfo userInfo(OIDCProviderMetadata issuer, AccessToken token) throws Exception {
        UserInfoResponse said = UserInfoResponse.parse(
            new UserInfoRequest(issuer.getUserInfoEndpointURI(), token).toHTTPRequest().send());
        require(said.indicatesSuccess(), said.toHTTPResponse().getBody());
        return said.toSuccessResponse().getUserInfo();
    }

    static boolean introspect(OIDCProviderMetadata issuer, ClientAuthentication own, AccessToken token)
            throws Exception {
        TokenIntrospectionResponse said = TokenIntrospectionResponse.parse(
            new TokenIntrospectionRequest(issuer.getIntrospectionEndpointURI(), own, token)
                .toHTTPRequest().send());
        require(said.indicatesSuccess(), said.toHTTPResponse().getBody());
        return said.toSuccessResponse().isActive();
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new IllegalStateException(otherwise);
        }
    }

    static void say(Object... pairs) {
        JSONObject line = new JSONObject();
        for (int i = 0; i < pairs.length; i += 2) {
            line.put((String) pairs[i], pairs[i + 1]);
        }
        System.out.println(line);
    }
}
