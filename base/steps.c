#include "base/steps.h"

#include <stddef.h>

static const struct rill_step steps[RILL_STEPS] = {
    {1, 1, "captures its camera and microphone"},
    {2, 1, "makes a peer connection"},
    {3, 1, "gives it STUN servers to learn its own address from"},
    {4, 1, "adds its tracks to the connection"},
    {5, 1, "creates an offer: a type and a session description"},
    {6, 1, "sets the offer as its local description"},
    {7, 1, "its ICE candidates trickle in"},
    {8, 1, "emits the offer to the signaling server, which holds it"},
    {9, 1, "sends its candidates up too, and the server holds them"},
    {10, 2, "connects to the signaling server"},
    {11, 2, "gets the offer that was held"},
    {12, 2, "captures its camera and microphone"},
    {13, 2, "makes a peer connection with STUN servers"},
    {14, 2, "adds its tracks to the connection"},
    {15, 2, "creates an answer"},
    {16, 2, "sets the answer as its local description"},
    {17, 2, "sets the offer as its remote description"},
    {18, 2, "its ICE candidates trickle in"},
    {19, 2, "emits the answer"},
    {20, 2, "listens for tracks and candidates, and gets those held for it"},
    {21, 0, "the signaling server passes the answer to CLIENT1"},
    {22, 1, "sets the answer as its remote description"},
    {23, 0, "candidates and tracks flow both ways: CONNECTED!!"},
};

const struct rill_step *rill_step(int number)
{
    return number < 1 || number > RILL_STEPS ? NULL : &steps[number - 1];
}
