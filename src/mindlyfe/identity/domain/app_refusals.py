"""What is refused to apps and to those who look after them: to people as problems, to programs in OAuth's words."""

from mindlyfe.kernel.errors import DomainError, OAuthRefusal


class RedirectUnusable(DomainError):
    """A redirect address is not one that codes may be sent to."""

    status = 422
    code = "redirect-unusable"
    advice = (
        "Give https addresses, http on 127.0.0.1 or [::1], or for public apps a scheme of your own such as "
        "com.example.app:/done; none with a fragment."
    )


class ScopeUnknown(DomainError):
    """There is no such scope."""

    status = 422
    code = "scope-unknown"
    advice = "The discovery document lists the scopes."


class AppPublic(DomainError):
    """A public app has no secret."""

    status = 409
    code = "app-public"
    advice = "Register a confidential app if it can keep one."


class AppDisabled(DomainError):
    """The app is disabled."""

    status = 409
    code = "app-disabled"
    advice = "Register it anew."


class NothingAllowed(DomainError):
    """A yes names at least one scope, and none that the app did not ask for."""

    status = 422
    code = "nothing-allowed"
    advice = "Name some of the scopes that the request shows, or deny it."


class AppUnknown(DomainError):
    """There is no such app, or it does not send people to this address."""

    status = 400
    code = "app-unknown"
    advice = "Tell those who make the app: its client_id or redirect_uri is not registered here."


class AuthorizationDecided(DomainError):
    """This request of the app was answered already."""

    status = 409
    code = "authorization-decided"
    advice = "Go back to the app and begin again."


class InvalidRequest(OAuthRefusal):
    """Something is missing or wrong in the request."""

    code = "invalid-request"
    advice = "Compare the request with the API description; PKCE with S256 is required."


class InvalidScope(OAuthRefusal):
    """A scope is unknown, or the app may not ask for it."""

    code = "invalid-scope"
    advice = "Ask for scopes the app is registered for; a refresh can only narrow them."


class InvalidClient(OAuthRefusal):
    """The app did not prove who it is."""

    status = 401
    code = "invalid-client"
    advice = "Send the client_id, and for a confidential app its secret in one place."


class InvalidGrant(OAuthRefusal):
    """The code or token is not valid, or no longer, or was given to another app."""

    code = "invalid-grant"
    advice = "Begin again at the authorization endpoint."


class UnauthorizedClient(OAuthRefusal):
    """This kind of app may not do this."""

    code = "unauthorized-client"
    advice = "Only confidential apps introspect tokens."


class UnsupportedGrantType(OAuthRefusal):
    """Tokens are not given for this."""

    code = "unsupported-grant-type"
    advice = "Use authorization_code or refresh_token."


class UnsupportedResponseType(OAuthRefusal):
    """Only codes are given."""

    code = "unsupported-response-type"
    advice = "Use response_type=code."


class LoginRequired(OAuthRefusal):
    """Nobody is signed in, or too long ago, and the app wants no page shown."""

    code = "login-required"
    advice = "Ask again without prompt=none."


class ConsentRequired(OAuthRefusal):
    """The person did not allow all of it before, and the app wants no page shown."""

    code = "consent-required"
    advice = "Ask again without prompt=none."


class InteractionRequired(OAuthRefusal):
    """The person must see the request, and the app wants no page shown."""

    code = "interaction-required"
    advice = "Ask again without prompt=none."


class RequestNotSupported(OAuthRefusal):
    """Request objects are not read."""

    code = "request-not-supported"
    advice = "Send the parameters themselves."


class InvalidRequestUri(OAuthRefusal):
    """The pushed request is unknown, of another app, or too old."""

    code = "invalid-request-uri"
    advice = "Push the request again."


class AccessDenied(OAuthRefusal):
    """The person said no."""

    code = "access-denied"
    advice = "The person did not allow it."
